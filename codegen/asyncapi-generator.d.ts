declare module '@asyncapi/generator' {
  /** Renders a template folder into an output folder from an AsyncAPI document. */
  export default class Generator {
    constructor(templateFolder: string, outputFolder: string, options?: { forceWrite?: boolean });
    generateFromFile(file: string): Promise<void>;
  }
}

/** Signature algorithms of tokens that a shared secret can check. */
export const secretAlgorithms: readonly string[] = ['HS256', 'HS384', 'HS512'];

/** Signature algorithms of tokens that public keys can check. HS* is none of them: a public key is no secret. */
export const publicKeyAlgorithms: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

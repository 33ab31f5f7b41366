import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate of localhost that vouches for itself, with its key: the files, and the PEM in them. */
export interface Certificate {
  files: { cert: string; key: string };
  cert: string;
  key: string;
}

/** Makes a certificate in a folder, under a name. */
export function makeCertificate(folder: string, name = 'server'): Certificate {
  const files = { cert: join(folder, `${name}-cert.pem`), key: join(folder, `${name}-key.pem`) };
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const request = ['req', '-x509', '-nodes', '-days', '2', ...curve, ...subject];
  execFileSync('openssl', [...request, '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
  return { files, cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
}

/** The window's policy in both shells: its own files and its own socket, nothing inline, nothing evaluated. */
export const contentSecurityPolicy = (self: string): string =>
  [
    "default-src 'none'",
    `script-src ${self}`,
    `style-src ${self}`,
    `img-src ${self} data: blob:`,
    `font-src ${self}`,
    `connect-src ${self}`,
    `worker-src ${self}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

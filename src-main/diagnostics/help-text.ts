/** What `--help` says. */
export function helpText(host: 'electron' | 'headless'): string {
  const run = host === 'headless' ? 'runs Sluice for a browser on this computer' : 'opens Sluice';
  const own =
    host === 'headless'
      ? `
  SLUICE_PORT              the port of the page; 0 takes any free one (47820)
  SLUICE_TOKEN             the token of the page; otherwise one is made and kept in the data folder
  SLUICE_KEYRING=off       leaves the system's keyring alone`
      : '';
  return `Sluice: AI chat with a gateway inside.

  (nothing)                ${run}
  doctor                   checks folder, conversations, keyring, ports and versions; changes nothing
  doctor --json            the same for a program
  --version, -v            says which Sluice this is
  --help, -h               says this

doctor ends with 0 where all is well and with 1 where something needs a person.

Environment:
  SLUICE_DATA_DIR          another folder for the data
  SLUICE_VAULT_PASSPHRASE  encrypts keys with this passphrase${own}
`;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseType } from './choose-type.ts';
import { displayName, extensionOf, isPartName, isStoredName, partName, randomStem } from './file-name.ts';
import { sniffContent } from './sniff-content.ts';

const TEXT = sniffContent(Buffer.from('plain words'));
const PNG = sniffContent(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));

/** Names as a careless or hostile sender would make them. */
const hostileName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(
      fc.constantFrom(
        '../',
        '..\\',
        '/',
        'x',
        '.',
        'png',
        '\0',
        '\u202e',
        'CON',
        ' ',
        '\n',
        '.exe',
        'ä',
        '🦊',
        ':',
        '%2e',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join('')),
);

describe('what becomes of a given name', () => {
  it.each([
    ['report.pdf', 'report.pdf', 'pdf'],
    ['/etc/passwd', 'passwd', ''],
    ['C:\\Users\\me\\Photo.JPG', 'Photo.JPG', 'jpg'],
    ['x./../../evil', 'evil', ''],
    ['x.png/../../evil.sh', 'evil.sh', 'sh'],
    ['archive.tar.gz', 'archive.tar.gz', 'gz'],
    ['no extension', 'no extension', ''],
    ['.env', '.env', ''],
    ['..', 'file', ''],
    ['', 'file', ''],
    ['a\0b.png', 'ab.png', 'png'],
    ['photo\u202egpj.exe', 'photogpj.exe', 'exe'],
    ['two\nlines.txt', 'twolines.txt', 'txt'],
    ['half \ud83e.txt', 'half \ufffd.txt', 'txt'],
    ['CON', 'CON', ''],
    ['aux.png', 'aux.png', 'png'],
    [`x.${'e'.repeat(300)}`, `x.${'e'.repeat(253)}`, ''],
  ])('[E6-08] [BUG-A31] %j is shown as %j and claims the ending %j', (given, shown, extension) => {
    expect(displayName(given)).toBe(shown);
    expect(extensionOf(given)).toBe(extension);
  });

  it('[E6-08] a name of any length keeps its ending', () => {
    const shown = displayName(`${'ä🦊'.repeat(200)}.docx`);
    expect(shown.length).toBeLessThanOrEqual(255);
    expect(shown.endsWith('.docx')).toBe(true);
    expect(shown.isWellFormed()).toBe(true);
  });

  it('[E6-08] [BUG-A31] whatever is given, the name on disk is 32 hexadecimal digits and an ending from the list', () => {
    fc.assert(
      fc.property(hostileName, fc.constantFrom(TEXT, PNG), (given, sniffed) => {
        const { extension } = chooseType(extensionOf(given), sniffed);
        const fileName = `${randomStem()}.${extension}`;
        expect(fileName).toMatch(/^[0-9a-f]{32}\.[a-z0-9]{1,12}$/);
        expect(isStoredName(fileName)).toBe(true);
        if (sniffed === PNG) expect(extension).toBe('png');
        if (sniffed === TEXT) expect(['png', 'exe', 'jpg']).not.toContain(extension);
      }),
      { numRuns: 500 },
    );
  });

  it('[E6-08] whatever is given, the name that is shown is one visible line and no way to anywhere', () => {
    fc.assert(
      fc.property(hostileName, (given) => {
        const shown = displayName(given);
        expect(shown.length).toBeGreaterThan(0);
        expect(shown.length).toBeLessThanOrEqual(255);
        expect(shown).not.toMatch(/[/\\\u0000-\u001f\u007f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
        expect(shown).not.toMatch(/^\.+$/);
        expect(shown.isWellFormed()).toBe(true);
        expect(displayName(shown)).toBe(shown);
      }),
      { numRuns: 1000 },
    );
  });

  it('[E6-08] a file that is still arriving never has a name that is served', () => {
    const arriving = partName(randomStem());
    expect(isPartName(arriving)).toBe(true);
    expect(isStoredName(arriving)).toBe(false);
  });
});

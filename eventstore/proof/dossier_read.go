package proof

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"time"
)

const (
	// dossierZipMax is the longest zip that is opened, in bytes: its files, and what
	// a zip holds about each of them.
	dossierZipMax = DossierBytesMax + DossierFilesMax*(2*zipNameMax+zipHeadersMax)

	zipNameMax    = 128 // bytes of the longest name
	zipHeadersMax = 128 // bytes about a file, twice its name apart

	zipVersion = 20 // 2.0, of the form that the files are packed in

	zipPart = "zip"

	cutShort = "it does not read as a zip: was it cut short?"
)

// zipTime is when every file of a zip says it was changed: the first moment that
// a zip can name. What a dossier holds depends on nobody's clock.
var zipTime = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// ReadDossier reads a dossier that was unpacked: the whole of a folder. Failures
// are *Failure; other errors are of the reading.
func ReadDossier(folder fs.FS) (Files, error) {
	var files Files
	total := int64(0)
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read %s: %w", shown(name), err)
		}
		if d.IsDir() {
			return knownFolder(name)
		}
		switch kind, _ := kindOf(name); {
		case kind == nil:
			return noSuchFile(name)
		case !d.Type().IsRegular():
			return failed(CodeFiles, name, "it is a link or a device and no file")
		case len(files) >= DossierFilesMax:
			return failed(CodeTooLarge, "dossier", "it has more than %d files", DossierFilesMax)
		}
		content, err := readFile(folder, name, min(int64(mostOf(name)), DossierBytesMax-total))
		if err != nil {
			return err
		}
		total += int64(len(content))
		files = append(files, File{name, content})
		return nil
	})
	if err != nil {
		return nil, err
	}
	files.sort()
	return files, nil
}

// knownFolder refuses folders that no dossier has, empty ones too.
func knownFolder(name string) error {
	switch name {
	case ".", programmesFolder, entriesFolder, decisionsFolder:
		return nil
	}
	return failed(CodeFiles, shown(name), "no dossier has a folder of this name")
}

func readFile(folder fs.FS, name string, most int64) ([]byte, error) {
	in, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	content, err := io.ReadAll(io.LimitReader(in, most+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(content)) > most {
		return nil, failed(CodeTooLarge, name, "with it the dossier is larger than is read here")
	}
	return content, nil
}

// ReadDossierZip reads a dossier as it was handed out. The zip must be, byte for
// byte, the one that WriteZip makes of its files: no comment, no compression,
// nothing between or after them. Failures are *Failure; other errors are of the
// reading.
func ReadDossierZip(r io.ReaderAt, size int64) (Files, error) {
	if size > dossierZipMax {
		return nil, failed(CodeTooLarge, zipPart, "it is longer than %d bytes", dossierZipMax)
	}
	if err := checkZipEnd(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &Failure{Code: CodeZip, Where: zipPart, What: cutShort, cause: err}
	}
	if err := checkZip(z.File); err != nil {
		return nil, err
	}
	files := make(Files, 0, len(z.File))
	for _, x := range z.File {
		content, err := readZipped(x)
		if err != nil {
			return nil, err
		}
		files = append(files, File{x.Name, content})
	}
	same := &comparer{with: r, size: size}
	if err := files.WriteZip(same); err != nil {
		return nil, err
	}
	if same.differs || same.at != size {
		return nil, packedOtherwise()
	}
	return files, nil
}

// checkZip looks at what a zip says about its files, before any is read.
func checkZip(files []*zip.File) error {
	if len(files) > DossierFilesMax {
		return failed(CodeTooLarge, zipPart, "it has more than %d files", DossierFilesMax)
	}
	total := uint64(0)
	names := make(map[string]bool, len(files))
	for _, x := range files {
		switch kind, _ := kindOf(x.Name); {
		case names[x.Name]:
			return failed(CodeFiles, shown(x.Name), "it stands in the zip twice")
		case !fs.ValidPath(x.Name):
			return failed(CodeFiles, shown(x.Name), "its name leads out of the dossier")
		case kind == nil:
			return noSuchFile(x.Name)
		case !x.Mode().IsRegular():
			return failed(CodeFiles, x.Name, "it is a link, a folder or a device and no file")
		case x.Method != zip.Store || x.CompressedSize64 != x.UncompressedSize64:
			return failed(CodeZip, x.Name, "it is compressed, as no file of a dossier is: unpack the zip, and verify the folder")
		case x.UncompressedSize64 > uint64(mostOf(x.Name)):
			return failed(CodeTooLarge, x.Name, "it is longer than %d bytes", mostOf(x.Name))
		}
		names[x.Name] = true
		if total += x.UncompressedSize64; total > DossierBytesMax {
			return failed(CodeTooLarge, zipPart, "its files have more than %d bytes", DossierBytesMax)
		}
	}
	return nil
}

func readZipped(x *zip.File) ([]byte, error) {
	in, err := x.Open()
	if err != nil {
		return nil, &Failure{Code: CodeZip, Where: x.Name, What: "it cannot be found in the zip", cause: err}
	}
	content := make([]byte, x.UncompressedSize64)
	_, err = io.ReadFull(in, content)
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, &Failure{Code: CodeZip, Where: x.Name, What: "the zip does not hold it whole", cause: err}
	}
	return content, nil
}

// WriteZip packs a dossier. The same files make the same bytes, whoever packs them
// and whenever: sorted, uncompressed, all of one time.
func (f Files) WriteZip(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, x := range f {
		head := &zip.FileHeader{
			Name: x.Name, Method: zip.Store, CreatorVersion: zipVersion, ReaderVersion: zipVersion, CRC32: crc32.ChecksumIEEE(x.Content),
			CompressedSize64: uint64(len(x.Content)), UncompressedSize64: uint64(len(x.Content)),
		}
		head.SetModTime(zipTime) //nolint:staticcheck // the plain time of MS-DOS, without the extra field that Modified adds
		out, err := z.CreateRaw(head)
		if err != nil {
			return fmt.Errorf("pack %s: %w", x.Name, err)
		}
		if _, err := out.Write(x.Content); err != nil {
			return fmt.Errorf("pack %s: %w", x.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack a dossier: %w", err)
	}
	return nil
}

// comparer takes what would be written and compares it with what is there.
type comparer struct {
	with    io.ReaderAt
	size    int64
	at      int64
	differs bool
	room    []byte
}

func (c *comparer) Write(p []byte) (int, error) {
	if len(c.room) < len(p) {
		c.room = make([]byte, len(p))
	}
	there := c.room[:len(p)]
	if c.differs || c.at+int64(len(p)) > c.size {
		c.differs = true
		return len(p), nil
	}
	if _, err := c.with.ReadAt(there, c.at); err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read the zip again: %w", err)
	}
	c.differs = !bytes.Equal(there, p)
	c.at += int64(len(p))
	return len(p), nil
}

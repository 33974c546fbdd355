package proof

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func zipOf(t testing.TB, files Files) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, files.WriteZip(&b))
	return b.Bytes()
}

func readZip(b []byte) (Files, error) { return ReadDossierZip(bytes.NewReader(b), int64(len(b))) }

// unpack writes files as they are, with any other program.
func unpack(t testing.TB, files Files) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, f.Content, 0o600))
	}
	return dir
}

func failsAs(t testing.TB, err error, code Code, where string) {
	t.Helper()
	var failure *Failure
	require.ErrorAs(t, err, &failure)
	require.Equal(t, []any{code, where}, []any{failure.Code, failure.Where}, failure.What)
}

func TestADossierIsReadAsItWasWritten(t *testing.T) {
	d := newDossiers(t)
	files := d.of(tiny(t), "r", "d")
	packed := zipOf(t, files)
	require.Equal(t, packed, zipOf(t, files), "packing is the same whenever it is done")

	fromZip, err := readZip(packed)
	require.NoError(t, err)
	require.Equal(t, files, fromZip)
	fromFolder, err := ReadDossier(os.DirFS(unpack(t, files)))
	require.NoError(t, err)
	require.Equal(t, files, fromFolder)

	// What others unpack is what was packed.
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	require.NoError(t, err)
	for i, x := range z.File {
		require.Equal(t, files[i].Name, x.Name)
		in, err := x.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(in)
		require.NoError(t, err)
		require.Equal(t, files[i].Content, content)
	}
}

func TestNoByteOfAZipCanBeChanged(t *testing.T) {
	d := newDossiers(t)
	files := d.of(tiny(t), "r", "d")
	packed := zipOf(t, files)
	var accepted atomic.Int64
	everywhere(Files{{"zip", packed}}, len(packed), func(own Files, at int) {
		flip := flips[at%len(flips)]
		own[0].Content[at] ^= flip
		read, err := readZip(own[0].Content)
		if err == nil {
			_, err = VerifyDossier(read, d.policy)
		}
		if !isNamed(err) {
			accepted.Add(1)
		}
		own[0].Content[at] ^= flip
	})
	require.Zero(t, accepted.Load())
	for at := range packed {
		if at%5 == 0 {
			_, err := readZip(packed[:at])
			require.True(t, isNamed(err), at)
		}
	}
	_, err := readZip(append(bytes.Clone(packed), 0))
	require.True(t, isNamed(err))
	_, err = readZip(append([]byte("before"), packed...))
	require.True(t, isNamed(err))
}

func TestAZipThatIsPackedOtherwiseIsRefused(t *testing.T) {
	files := newDossiers(t).of(tiny(t), "r", "d")
	pack := func(change func(i int, h *zip.FileHeader), after func(z *zip.Writer)) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i, f := range files {
			head := &zip.FileHeader{Name: f.Name, Method: zip.Store}
			change(i, head)
			w, err := z.CreateHeader(head)
			require.NoError(t, err)
			_, err = w.Write(f.Content)
			require.NoError(t, err)
		}
		after(z)
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	as := func(name string) func(int, *zip.FileHeader) {
		return func(i int, h *zip.FileHeader) {
			if i == 5 {
				h.Name = name
			}
		}
	}
	same, none := func(int, *zip.FileHeader) {}, func(*zip.Writer) {}
	for name, x := range map[string]struct {
		zip   []byte
		code  Code
		where string
	}{
		"by another program": {pack(same, none), CodeZip, zipPart},
		"compressed":         {pack(func(_ int, h *zip.FileHeader) { h.Method = zip.Deflate }, none), CodeZip, files[0].Name},
		"with a comment":     {pack(same, func(z *zip.Writer) { require.NoError(t, z.SetComment("hello")) }), CodeZip, zipPart},
		"a file twice":       {pack(as(files[4].Name), none), CodeFiles, files[4].Name},
		"out of the folder":  {pack(as("../entries/000000000001.entry"), none), CodeFiles, "../entries/000000000001.entry"},
		"from the root":      {pack(as("/etc/passwd"), none), CodeFiles, "/etc/passwd"},
		"a drive":            {pack(as(`C:\heads`), none), CodeFiles, `C:\heads`},
		"a strange name":     {pack(as("entries/\x1b[31m"), none), CodeFiles, `"entries/\x1b[31m"`},
		"a file more":        {pack(same, func(z *zip.Writer) { _, err := z.Create("more.txt"); require.NoError(t, err) }), CodeFiles, "more.txt"},
		"a folder":           {pack(same, func(z *zip.Writer) { _, err := z.Create("entries/"); require.NoError(t, err) }), CodeFiles, "entries/"},
		"a link": {pack(func(i int, h *zip.FileHeader) {
			if i == 5 {
				h.SetMode(fs.ModeSymlink | 0o777)
			}
		}, none), CodeFiles, files[5].Name},
		"no zip":  {[]byte("PK"), CodeZip, zipPart},
		"nothing": {nil, CodeZip, zipPart},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readZip(x.zip)
			failsAs(t, err, x.code, x.where)
		})
	}
}

// A zip that says it holds more than it does is not believed, nor one that holds
// more than anybody reads.
func TestAZipThatIsTooLargeIsRefused(t *testing.T) {
	pack := func(names []string, size uint64) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			_, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CompressedSize64: size, UncompressedSize64: size})
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	_, err := readZip(pack([]string{dossierHeads}, DossierFileMax+1))
	failsAs(t, err, CodeTooLarge, dossierHeads)
	_, err = readZip(pack([]string{dossierHeads}, 1000))
	failsAs(t, err, CodeZip, dossierHeads)
	var names []string
	for n := range uint64(DossierBytesMax/DossierFileMax + 1) {
		names = append(names, entryFile(n+1, entryEnd))
	}
	_, err = readZip(pack(names, DossierFileMax))
	failsAs(t, err, CodeTooLarge, zipPart)
	names = nil
	for n := range uint64(DossierFilesMax + 1) {
		names = append(names, entryFile(n+1, entryEnd))
	}
	_, err = readZip(pack(names, 0))
	failsAs(t, err, CodeTooLarge, zipPart)
	_, err = ReadDossierZip(bytes.NewReader(nil), dossierZipMax+1)
	failsAs(t, err, CodeTooLarge, zipPart)
}

func TestAFolderThatIsNoDossierIsRefused(t *testing.T) {
	files := newDossiers(t).of(tiny(t), "r", "d")
	for name, x := range map[string]struct {
		change func(dir string) error
		where  string
	}{
		"a file more":    {func(dir string) error { return os.WriteFile(filepath.Join(dir, "more.txt"), nil, 0o600) }, "more.txt"},
		"a hidden file":  {func(dir string) error { return os.WriteFile(filepath.Join(dir, ".DS_Store"), nil, 0o600) }, ".DS_Store"},
		"a folder more":  {func(dir string) error { return os.Mkdir(filepath.Join(dir, "opened"), 0o700) }, "opened"},
		"a folder below": {func(dir string) error { return os.Mkdir(filepath.Join(dir, "entries", "more"), 0o700) }, "entries/more"},
		"a link to a file": {func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "heads"), filepath.Join(dir, "..", "heads")), os.Symlink("../heads", filepath.Join(dir, "heads")))
		}, "heads"},
		"a link to a folder": {func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "entries"), filepath.Join(dir, "..", "entries")), os.Symlink("../entries", filepath.Join(dir, "entries")))
		}, "entries"},
		"a folder for a file": {func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "heads")), os.Mkdir(filepath.Join(dir, "heads"), 0o700))
		}, "heads"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "dossier")
			require.NoError(t, os.Rename(unpack(t, files), dir))
			require.NoError(t, x.change(dir))
			_, err := ReadDossier(os.DirFS(dir))
			failsAs(t, err, CodeFiles, x.where)
		})
	}

	_, err := ReadDossier(os.DirFS(filepath.Join(t.TempDir(), "nowhere")))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = ReadDossier(fstest.MapFS{dossierHeads: {Data: make([]byte, DossierFileMax+1)}})
	failsAs(t, err, CodeTooLarge, dossierHeads)
	many := fstest.MapFS{}
	whole := make([]byte, DossierFileMax)
	for n := range uint64(DossierBytesMax/DossierFileMax + 1) {
		many[entryFile(n+1, entryEnd)] = &fstest.MapFile{Data: whole}
	}
	_, err = ReadDossier(many)
	failsAs(t, err, CodeTooLarge, entryFile(DossierBytesMax/DossierFileMax+1, entryEnd))
}

func FuzzReadDossierZip(f *testing.F) {
	d := newDossiers(f)
	files := d.of(tiny(f), "r", "d")
	f.Add(zipOf(f, files))
	f.Add(zipOf(f, files[:3]))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		read, err := readZip(b)
		if err != nil {
			require.True(t, isNamed(err), err)
			return
		}
		require.Equal(t, b, zipOf(t, read))
		if _, err := VerifyDossier(read, d.policy); err != nil {
			require.True(t, isNamed(err), err)
		}
	})
}

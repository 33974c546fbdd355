package proof

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// countingReader reads, and counts the bytes.
type countingReader struct {
	io.ReaderAt
	bytes int
}

func (c *countingReader) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, at)
	c.bytes += n
	return n, err
}

// nameless is a zip of so many empty files without a name.
func nameless(t testing.TB, files int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range files {
		_, err := z.CreateRaw(&zip.FileHeader{Method: zip.Store})
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// patched writes numbers over the end of a zip, each so many bytes before it.
func patched(b []byte, numbers map[int]any) []byte {
	b = bytes.Clone(b)
	for before, n := range numbers {
		switch n := n.(type) {
		case uint16:
			binary.LittleEndian.PutUint16(b[len(b)-before:], n)
		case uint32:
			binary.LittleEndian.PutUint32(b[len(b)-before:], n)
		case uint64:
			binary.LittleEndian.PutUint64(b[len(b)-before:], n)
		}
	}
	return b
}

// Where the numbers of a zip's end stand, in bytes before it.
const (
	endFiles, endSize, endOffset       = 12, 10, 6
	files64, size64, offset64, locator = 66, 58, 50, 34
)

// What a zip's directory may take is known from its end, whatever the end says of
// it. Another program would read all of each of these.
func TestADirectoryThatIsTooLongIsNotRead(t *testing.T) {
	const wraps = 1 << 16 // a count of 16 bits cannot tell it from none
	small, large := nameless(t, 1000), nameless(t, DossierFilesMax+1)
	wrapped := nameless(t, wraps+1)
	// A directory of 65,535 bytes, whose last 20 send some readers elsewhere.
	hidden := patched(wrapped, map[int]any{endFiles: uint16(1000), endSize: uint32(0xffff), endOffset: uint32(len(wrapped) - zipEndLen - 0xffff)})
	for name, x := range map[string]struct {
		zip  []byte
		code Code
	}{
		"too many files":              {large, CodeTooLarge},
		"more than the end says":      {patched(small, map[int]any{endFiles: uint16(3)}), CodeZip},
		"none, by the end":            {patched(wrapped, map[int]any{files64: uint64(0)}), CodeZip},
		"one, and 65,536 more":        {patched(wrapped, map[int]any{files64: uint64(1)}), CodeZip},
		"a shorter one, by the end":   {patched(small, map[int]any{endFiles: uint16(3), endSize: uint32(3 * zipDirectoryLen)}), CodeZip},
		"shorter, by the larger end":  {patched(wrapped, map[int]any{files64: uint64(1), size64: uint64(zipDirectoryLen)}), CodeZip},
		"it begins after its end":     {patched(small, map[int]any{endOffset: uint32(len(small))}), CodeZip},
		"it begins far away":          {patched(wrapped, map[int]any{offset64: ^uint64(0)}), CodeZip},
		"it is endless":               {patched(wrapped, map[int]any{size64: ^uint64(0), files64: ^uint64(0)}), CodeTooLarge},
		"the larger end is elsewhere": {patched(wrapped, map[int]any{locator: uint64(0)}), CodeZip},
		"two ends that differ":        {patched(wrapped, map[int]any{endFiles: uint16(1)}), CodeZip},
		"a larger end in hiding":      {hidden, CodeZip},
	} {
		t.Run(name, func(t *testing.T) {
			r := &countingReader{ReaderAt: bytes.NewReader(x.zip)}
			_, err := ReadDossierZip(r, int64(len(x.zip)))
			failsAs(t, err, x.code, zipPart)
			require.LessOrEqual(t, r.bytes, zip64EndLen+zip64LocatorLen+zipEndLen)
		})
	}
}

// More files than a count of 16 bits can say are read as they were written.
func TestAZipOfManyFilesIsRead(t *testing.T) {
	for _, n := range []uint64{1<<16 - 2, 1<<16 - 1, 1 << 16, 1<<16 + 1} {
		files := make(Files, n)
		for i := range n {
			files[i] = File{entryFile(i+1, entryEnd), []byte{}}
		}
		read, err := readZip(zipOf(t, files))
		require.NoError(t, err)
		require.Len(t, read, int(n))
	}
}

package proof

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// How a zip ends, as its specification (APPNOTE.TXT, 4.3.14 to 4.3.16) has it: one
// record that says how many files there are and where the directory of them stands.
// Before it stand two more where the numbers are too large for that one.
const (
	zipEndLen       = 22 // bytes of the last record, which no comment follows
	zipEndBegin     = "PK\x05\x06"
	zip64LocatorLen = 20 // bytes of the record that says where the larger one is
	zip64LocatorIs  = "PK\x06\x07"
	zip64EndLen     = 56 // bytes of the larger record
	zip64EndBegin   = "PK\x06\x06"

	zipDirectoryLen = 46 // bytes in the directory about a file, its name apart
)

// zipDirectory is what the end of a zip says of its directory.
type zipDirectory struct {
	files, size, offset uint64
	end                 uint64 // where the directory has to end
}

// checkZipEnd bounds what reading a zip may take, before any of its directory is
// read: a file without a name takes 46 bytes there, and several times that once read.
func checkZipEnd(r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, zip64EndLen+zip64LocatorLen+zipEndLen))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return &Failure{Code: CodeZip, Where: zipPart, What: cutShort, cause: err}
	}
	d, failure := readZipEnd(tail, uint64(size))
	switch {
	case failure != nil:
		return failure
	case d.files > DossierFilesMax:
		return failed(CodeTooLarge, zipPart, "it has more than %d files", DossierFilesMax)
	case d.size > d.files*(zipDirectoryLen+zipNameMax), d.offset > d.end, d.end-d.offset != d.size:
		return packedOtherwise()
	}
	return nil
}

// readZipEnd reads the last bytes of a zip. Both forms that WriteZip makes are
// read, and no mixture of them: other readers could take it for the other one.
func readZipEnd(tail []byte, size uint64) (zipDirectory, *Failure) {
	last := len(tail) - zipEndLen
	if last < 0 || string(tail[last:last+4]) != zipEndBegin {
		return zipDirectory{}, failed(CodeZip, zipPart, "it does not end as the zip of a dossier does: was it cut short, or packed anew?")
	}
	end, le := tail[last:], binary.LittleEndian
	d := zipDirectory{
		files: uint64(le.Uint16(end[10:])), size: uint64(le.Uint32(end[12:])), offset: uint64(le.Uint32(end[16:])), end: size - zipEndLen,
	}
	locator := last - zip64LocatorLen
	if locator < 0 || string(tail[locator:locator+4]) != zip64LocatorIs {
		return d, nil
	}
	if d.files != math.MaxUint16 || d.size != math.MaxUint32 || d.offset != math.MaxUint32 || locator < zip64EndLen {
		return zipDirectory{}, packedOtherwise()
	}
	d.end = size - zipEndLen - zip64LocatorLen - zip64EndLen
	larger := tail[locator-zip64EndLen:]
	if le.Uint64(tail[locator+8:]) != d.end || string(larger[:4]) != zip64EndBegin {
		return zipDirectory{}, packedOtherwise()
	}
	d.files, d.size, d.offset = le.Uint64(larger[32:]), le.Uint64(larger[40:]), le.Uint64(larger[48:])
	return d, nil
}

func packedOtherwise() *Failure {
	return failed(CodeZip, zipPart, "it is packed otherwise than dossiers are: unpack it, and verify the folder")
}

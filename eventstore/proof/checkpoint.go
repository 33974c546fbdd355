package proof

import (
	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkpointPart names a checkpoint in errors.
const checkpointPart = "checkpoint"

// Checkpoint says what a log's tree was: C2SP tlog-checkpoint, without extension
// lines. As a Go value it is believed as far as whoever made it; Policy.Open
// makes one out of signed bytes.
type Checkpoint struct {
	Origin string // which log; also the name of its keys
	Size   uint64 // leaves, at most SizeMax
	Root   Hash
}

// Sign writes a checkpoint with the signatures of its log's keys: one, or the old
// and the new while a key is being changed. The signers' names are the origin.
func Sign(c Checkpoint, by ...note.Signer) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return signNote(c.text(), checkpointPart, c.Origin, by)
}

// text is the part that is signed.
func (c Checkpoint) text() string {
	return string(log.Checkpoint{Origin: c.Origin, Size: c.Size, Hash: c.Root[:]}.Marshal())
}

// check refuses a checkpoint that no log can honestly have.
func (c Checkpoint) check() error {
	if !isOrigin(c.Origin) {
		return fault(ErrForm, checkpointPart, "its first line is not a log's name")
	}
	if err := checkSize(checkpointPart, c.Size); err != nil {
		return err
	}
	empty, err := tlog.TreeHash(0, nil)
	if err != nil || (c.Size == 0) != (c.Root == empty) {
		return fault(ErrForm, checkpointPart, "its root is that of an empty tree and its size is not, or the other way round")
	}
	return nil
}

// parseCheckpoint reads the text of a checkpoint, which text wrote or would have.
func parseCheckpoint(text string) (Checkpoint, error) {
	var parsed log.Checkpoint
	rest, err := parsed.Unmarshal([]byte(text))
	if err != nil || len(parsed.Hash) != tlog.HashSize {
		return Checkpoint{}, fault(ErrForm, checkpointPart, "its text is not an origin, a size and a root in three lines")
	}
	if len(rest) > 0 {
		return Checkpoint{}, fault(ErrForm, checkpointPart, "its text has extension lines, which no checkpoint here has")
	}
	c := Checkpoint{Origin: parsed.Origin, Size: parsed.Size, Root: Hash(parsed.Hash)}
	if c.text() != text {
		return Checkpoint{}, fault(ErrForm, checkpointPart, "its size or root is not written as it should be")
	}
	return c, c.check()
}

package eventstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// recordedAt is what a projection remembers of an entry that fill wrote.
func recordedAt(sequence uint64) Recorded {
	return Recorded{Sequence: sequence, PayloadHash: sha256.Sum256(payload(int(sequence)))}
}

// damaged fills a ledger and returns two damaged copies of it, one closed
// before and one killed.
func damaged(t *testing.T, entries int, damage func(t *testing.T, dir string)) map[string]*Log {
	l := newLog(t)
	fill(t, l, entries)
	killed := copyLedger(t, l.cfg.Dir)
	require.NoError(t, l.Close())
	logs := make(map[string]*Log)
	for name, dir := range map[string]string{"closed": l.cfg.Dir, "killed": killed} {
		damage(t, dir)
		logs[name] = reopen(t, dir)
	}
	return logs
}

func blocks(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", streamName, "msgs", "*.blk"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// change applies edit to the bytes from an entry's payload on.
func change(sequence int, edit func(from []byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		for _, name := range blocks(t, dir) {
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			if at := bytes.Index(b, payload(sequence)); at >= 0 {
				b = append(b[:at:at], edit(b[at:])...)
				require.NoError(t, os.WriteFile(name, b, 0o600))
				return
			}
		}
		t.Fatalf("no block holds entry %d", sequence)
	}
}

func flipBit(from []byte) []byte {
	from = bytes.Clone(from)
	from[20] ^= 1
	return from
}

func cut(from []byte) []byte { return from[:10] }

// lostAfter requires that a ledger that ends at head does not pass for one
// with all its entries.
func lostAfter(t *testing.T, l *Log, head, entries uint64) {
	t.Helper()
	ctx := context.Background()
	_, read := readAll(l, 0, entries)
	_, readOn := readAll(l, entries, 0)
	follow := l.Follow(ctx, entries, func([]Stored) error { return nil })
	for _, err := range []error{read, readOn, follow, l.Verify(ctx, recordedAt(entries))} {
		var tail *TailError
		require.ErrorAs(t, err, &tail)
		require.Equal(t, TailError{Head: head, Known: entries}, *tail)
	}
	got, err := readAll(l, 0, 0)
	require.NoError(t, err)
	require.Equal(t, upTo(1, head), got, "what is left can be read")
}

// A flipped bit makes an entry unreadable, and the server passes over it in
// silence: the reader must name it. After a kill the server reads the last
// block again, and cuts it off before the damage.
func TestFlippedBit(t *testing.T) {
	ctx := context.Background()
	const entries = 300
	for _, at := range []uint64{1, 150, 299} {
		logs := damaged(t, entries, change(int(at), flipBit))
		lostAfter(t, logs["killed"], at-1, entries)

		l := logs["closed"]
		got, err := readAll(l, 0, 0)
		var gap *GapError
		require.ErrorAs(t, err, &gap, "entry %d", at)
		require.Equal(t, GapError{Want: at, Got: at + 1}, *gap)
		require.Equal(t, upTo(1, at-1), got, "what comes before is handed over")

		gap = nil
		require.ErrorAs(t, l.Follow(ctx, 0, func([]Stored) error { return nil }), &gap)
		require.Equal(t, GapError{Want: at, Got: at + 1}, *gap)

		gap = nil
		require.ErrorAs(t, l.Verify(ctx, recordedAt(at)), &gap, "the recorded entry is damaged")
		require.Equal(t, GapError{Want: at, Got: at + 1}, *gap)
		require.ErrorContains(t, gap, "missing or damaged")

		_, err = l.Get(ctx, at)
		require.ErrorIs(t, err, ErrNoEntry)

		// A reader that needs only what can be read is not stopped.
		got, err = readAll(l, at, 0)
		require.NoError(t, err)
		require.Equal(t, upTo(at+1, entries), got)
	}
}

// A damaged last entry has none after it that would show the gap.
func TestFlippedBitInTheLastEntry(t *testing.T) {
	ctx := context.Background()
	const entries = 300
	logs := damaged(t, entries, change(entries, flipBit))
	lostAfter(t, logs["killed"], entries-1, entries)

	l := logs["closed"]
	_, read := readAll(l, 0, 0)
	_, readOne := readAll(l, entries-1, 0)
	follow := l.Follow(ctx, 0, func([]Stored) error { return nil })
	for _, err := range []error{read, readOne, follow, l.Verify(ctx, recordedAt(entries)), l.Verify(ctx, recordedAt(10))} {
		var gap *GapError
		require.ErrorAs(t, err, &gap)
		require.Equal(t, GapError{Want: entries}, *gap)
	}
}

// A block that lost its end: after a clean stop the server still knows how
// many entries there were; after a kill the ledger looks shorter.
func TestTruncatedBlock(t *testing.T) {
	ctx := context.Background()
	const entries, left = 300, 200
	logs := damaged(t, entries, change(left+1, cut))
	lostAfter(t, logs["killed"], left, entries)
	require.ErrorContains(t, &TailError{Head: 200, Known: 300}, "entries 201 to 300 are lost")

	l := logs["closed"]
	got, read := readAll(l, 0, 0)
	require.Equal(t, upTo(1, left), got)
	for _, err := range []error{read, l.Verify(ctx, recordedAt(entries)), l.Verify(ctx, Recorded{})} {
		var gap *GapError
		require.ErrorAs(t, err, &gap)
		require.Equal(t, GapError{Want: left + 1}, *gap)
	}
}

// After a kill and a truncation the server gives the same sequences again.
// Only the hash tells that the entry is another.
func TestTruncatedBlockThenWritten(t *testing.T) {
	ctx := context.Background()
	l := damaged(t, 300, change(300, cut))["killed"]
	got, err := l.Append(ctx, one("person/a", 0, []byte("another")))
	require.NoError(t, err)
	require.Equal(t, []uint64{300}, got)
	err = l.Verify(ctx, recordedAt(300))
	var tampered *TamperedError
	require.ErrorAs(t, err, &tampered)
	require.Equal(t, TamperedError{300, sha256.Sum256(payload(300)), sha256.Sum256([]byte("another"))}, *tampered)
	require.ErrorContains(t, tampered, "entry 300 is not the one that was stored")
	require.NoError(t, l.Verify(ctx, recordedAt(299)))
}

// Starting the server after a kill destroys what follows a damaged entry in
// its block, so a backup must be taken from the files before that.
func TestRecoveryAfterKillCutsTheBlock(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300)
	dir := copyLedger(t, l.cfg.Dir)
	change(150, flipBit)(t, dir)
	before, err := os.Stat(blocks(t, dir)[0])
	require.NoError(t, err)
	reopen(t, dir)
	after, err := os.Stat(blocks(t, dir)[0])
	require.NoError(t, err)
	require.Less(t, after.Size(), before.Size())
}

func TestRemovedBlock(t *testing.T) {
	ctx := context.Background()
	for name, l := range damaged(t, 300, func(t *testing.T, dir string) {
		for _, b := range blocks(t, dir) {
			require.NoError(t, os.Remove(b))
		}
	}) {
		require.Error(t, l.Verify(ctx, recordedAt(300)), name)
		_, err := readAll(l, 0, 300)
		require.Error(t, err, name)
	}
}

func TestCheckHoles(t *testing.T) {
	lost := func(msgs ...uint64) *struct {
		Msgs []uint64 `json:"msgs"`
	} {
		return &struct {
			Msgs []uint64 `json:"msgs"`
		}{msgs}
	}
	for _, c := range []struct {
		state streamState
		want  error
	}{
		{streamState{}, nil},
		{streamState{Messages: 9, FirstSeq: 1, LastSeq: 9}, nil},
		{streamState{FirstSeq: 10, LastSeq: 9}, &GapError{Want: 1}},
		{streamState{Messages: 8, FirstSeq: 2, LastSeq: 9}, &GapError{Want: 1, Got: 2}},
		{streamState{Messages: 7, FirstSeq: 1, LastSeq: 9, Deleted: []uint64{4, 5}}, &GapError{Want: 4, Got: 6}},
		{streamState{Messages: 7, FirstSeq: 1, LastSeq: 9, Deleted: []uint64{4}, Lost: lost(7)}, &GapError{Want: 4, Got: 5}},
		{streamState{Messages: 8, FirstSeq: 1, LastSeq: 9, Lost: lost(9)}, &GapError{Want: 9}},
	} {
		require.Equal(t, c.want, checkHoles(c.state), "%+v", c.state)
	}
	require.Error(t, checkHoles(streamState{Messages: 8, FirstSeq: 1, LastSeq: 9}))
}

func TestGapErrorText(t *testing.T) {
	require.ErrorContains(t, &GapError{Want: 4, Got: 5}, "entry 4 is")
	require.ErrorContains(t, &GapError{Want: 4, Got: 8}, "entries 4 to 7 are")
	require.ErrorContains(t, &GapError{Want: 4}, "from entry 4 on")
}

package checkpoints

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/eventstore/proof"
)

// published is a place after a checkpoint of so many entries, which nobody has open.
func published(t *testing.T, entries int) *ledger {
	l := newLedger(t, entries)
	p := l.open()
	_, err := p.Publish(ctx)
	require.NoError(t, err)
	require.NoError(t, p.Close())
	return l
}

func (l *ledger) inspect(tree *proof.Tree) (Inspection, error) {
	keys, err := LoadKeys(l.keys)
	require.NoError(l.t, err)
	return Inspect(l.dir, keys, Tree{Size: tree.Size(), Hashes: tree})
}

// files are a directory's, by name, with what they hold.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if !d.IsDir() {
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			out[name] = string(b)
		}
		return nil
	}))
	return out
}

// spoil changes a bit of the leaves kept for some entries.
func (l *ledger) spoil(entries ...uint64) {
	name := filepath.Join(l.dir, leavesName)
	b, err := os.ReadFile(name)
	require.NoError(l.t, err)
	for _, s := range entries {
		b[int(s)*hashBytes-1] ^= 1
	}
	require.NoError(l.t, os.WriteFile(name, b, 0o600))
}

func (l *ledger) cutLeaves(kept int64) {
	require.NoError(l.t, os.Truncate(filepath.Join(l.dir, leavesName), kept*int64(hashBytes)))
}

func TestAnInspectionNamesEveryFaultAndChangesNothing(t *testing.T) {
	for name, x := range map[string]struct {
		spoil func(l *ledger)
		tree  *proof.Tree
		want  Inspection
	}{
		"nothing":          {nil, made(5000, 0), Inspection{}},
		"a tree that grew": {nil, made(5100, 0), Inspection{}},
		"damaged leaves":   {func(l *ledger) { l.spoil(17, 4500) }, made(5000, 0), Inspection{Damaged: []uint64{17, 4500}}},
		"lost leaves":      {func(l *ledger) { l.cutLeaves(4000) }, made(5000, 0), Inspection{Lost: 4001}},
		"damaged and lost leaves": {
			func(l *ledger) { l.spoil(17); l.cutLeaves(4000) }, made(5000, 0), Inspection{Damaged: []uint64{17}, Lost: 4001},
		},
		"no leaves": {
			func(l *ledger) { require.NoError(l.t, os.Remove(filepath.Join(l.dir, leavesName))) }, made(5000, 0), Inspection{Lost: 1},
		},
		"an altered entry": {nil, made(5000, 4444), Inspection{Altered: []uint64{4444}, Fault: &AlteredError{5000, 4444}}},
		"an altered entry and damaged leaves": {
			func(l *ledger) { l.spoil(17) }, made(5000, 4444), Inspection{Fault: &AlteredError{5000, 0}},
		},
		"an altered entry and lost leaves": {
			func(l *ledger) { l.cutLeaves(4000) }, made(5000, 44), Inspection{Lost: 4001, Fault: &AlteredError{5000, 0}},
		},
		"a lost end": {nil, made(4990, 0), Inspection{Fault: &RolledBackError{5000, 4990}}},
		"an altered entry before a lost end": {
			nil, made(4990, 7), Inspection{Altered: []uint64{7}, Fault: &AlteredError{5000, 7}},
		},
		"no checkpoint": {
			func(l *ledger) { require.NoError(l.t, os.Remove(filepath.Join(l.dir, checkpointName))) }, made(5000, 0),
			Inspection{Unsigned: 5000},
		},
		"no checkpoint, and a lost end": {
			func(l *ledger) { require.NoError(l.t, os.Remove(filepath.Join(l.dir, checkpointName))) }, made(4000, 0),
			Inspection{Unsigned: 5000, Fault: &RolledBackError{5000, 4000}},
		},
		"no checkpoint, and an altered entry": {
			func(l *ledger) { require.NoError(l.t, os.Remove(filepath.Join(l.dir, checkpointName))) }, made(5000, 9),
			Inspection{Unsigned: 5000, Altered: []uint64{9}, Fault: &AlteredError{5000, 9}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := published(t, 5000)
			if x.spoil != nil {
				x.spoil(l)
			}
			before := files(t, l.dir)
			got, err := l.inspect(x.tree)
			require.NoError(t, err)
			if x.want.Unsigned == 0 {
				x.want.Published = 5000
				x.want.Root, err = made(5000, 0).Root(5000)
				require.NoError(t, err)
			}
			require.Equal(t, x.want, got)
			require.Equal(t, before, files(t, l.dir))
		})
	}
}

// Faults without end are not listed without end.
func TestAnInspectionNamesSoManyFaultsAtMost(t *testing.T) {
	l := published(t, 500)
	var all []uint64
	for s := range uint64(differentMax + 50) {
		all = append(all, s+1)
	}
	l.spoil(all...)
	got, err := l.inspect(made(500, 0))
	require.NoError(t, err)
	require.Equal(t, all[:differentMax], got.Damaged)
}

func TestAPlaceThatCannotBeInspected(t *testing.T) {
	l := published(t, 3)
	p := l.open()
	_, err := l.inspect(made(3, 0))
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, p.Close())

	other := newLedger(t, 3)
	keys, err := LoadKeys(other.keys)
	require.NoError(t, err)
	_, err = Inspect(l.dir, keys, Tree{Size: 3, Hashes: made(3, 0)})
	require.ErrorIs(t, err, ErrForeign)

	nowhere := filepath.Join(t.TempDir(), "nowhere")
	_, err = Inspect(nowhere, keys, Tree{Size: 3, Hashes: made(3, 0)})
	require.ErrorIs(t, err, ErrNoPlace)
	require.NoDirExists(t, nowhere)
}

// Leaves that are damaged beside a checkpoint that the tree comes to are made
// anew at the start, and it is said which were.
func TestDamagedLeavesAreMadeAgain(t *testing.T) {
	l := published(t, 5000)
	whole := files(t, l.dir)
	l.spoil(17, 4500)
	require.NotEqual(t, whole, files(t, l.dir))
	var log bytes.Buffer
	p := l.open(func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	require.NoError(t, p.Check(ctx))
	require.Equal(t, whole, files(t, l.dir))
	require.Contains(t, log.String(), "first=17")

	require.NoError(t, p.Close())
	l.reopen(made(5000, 17)) // and they accuse again
	var altered *AlteredError
	require.ErrorAs(t, l.open().Check(ctx), &altered)
	require.Equal(t, uint64(17), altered.Sequence)
}

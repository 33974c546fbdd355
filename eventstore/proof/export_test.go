package proof

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// wrapped is the ledger as lines with sequence and hash around each entry.
func (l *ledger) wrapped() []byte {
	var b []byte
	for i, p := range l.stored {
		b = fmt.Appendf(b, `{"sequence":%d,"hash":"%s","stored":%s}`+"\n", i+1, domain.HashOf(p), p)
	}
	return b
}

// exportOf is a whole ledger to verify, with a checkpoint of so many entries.
func (d dossiers) exportOf(l *ledger, lines []byte, size uint64) Export {
	return Export{
		Lines: bytes.NewReader(lines), Size: int64(len(lines)), Checkpoint: l.signed(size, d.signer), Policy: d.policy, Jobs: 2,
	}
}

func TestAnExportIsVerified(t *testing.T) {
	d, l := newDossiers(t), story(t)
	for name, lines := range map[string][]byte{"stored bytes": l.export(), "with hashes": l.wrapped()} {
		t.Run(name, func(t *testing.T) {
			x := d.exportOf(l, lines, 0)
			var stages []string
			x.Progress = func(stage string, done, total uint64) {
				require.LessOrEqual(t, done, total)
				if done == total {
					stages = append(stages, stage)
				}
			}
			r, err := VerifyExport(context.Background(), x)
			require.NoError(t, err)
			require.Equal(t, []string{ExportReading, ExportDeriving}, stages)
			n := uint64(len(l.entries))
			require.Equal(t, []uint64{n, n, 0}, []uint64{r.Entries, r.Covered, uint64(r.Failed)})
			require.Equal(t, []int{6, 6, 6, 0, 0}, []int{r.Decisions, r.Derived, r.Identical, r.Different, r.WithoutRecord})
			require.Equal(t, len(l.of), r.Subjects)
			require.Equal(t, "l1", r.Ledger)
			require.Equal(t, l.entries[0].Recorded, r.From)
			require.Equal(t, l.entries[n-1].Recorded, r.Until)
			require.Empty(t, r.Failures)
		})
	}
}

func TestWhatComesAfterTheCheckpointIsNotCovered(t *testing.T) {
	d, l := newDossiers(t), story(t)
	r, err := VerifyExport(context.Background(), d.exportOf(l, l.export(), 60))
	require.NoError(t, err)
	require.Equal(t, uint64(60), r.Covered)
	require.Equal(t, uint64(len(l.entries)), r.Entries)
	require.Equal(t, 6, r.Identical)
}

func TestASampleIsTheSameForTheSameSeed(t *testing.T) {
	d, l := newDossiers(t), story(t)
	x := d.exportOf(l, l.export(), 0)
	x.Seed, x.Sample = "2026-spring", 2
	r, err := VerifyExport(context.Background(), x)
	require.NoError(t, err)
	require.Equal(t, []int{6, 2, 2, 6}, []int{r.Decisions, r.Derived, r.Identical, r.Population})

	// A decision that is not drawn is not derived; its entry is verified all the same.
	var population []string
	for _, e := range decisionsIn(l.entries) {
		population = append(population, decisionIn(e).Decision)
	}
	drawn := domain.SampleDecisions(x.Seed, population, 2)
	for _, e := range decisionsIn(l.entries) {
		id := decisionIn(e).Decision
		forged := l.forged(e.Sequence, func(_, data map[string]any) { in(data, "record")["digest"] = domain.HashOf(nil) })
		x := d.exportOf(forged, forged.export(), 0)
		x.Seed, x.Sample = "2026-spring", 2
		r, err := VerifyExport(context.Background(), x)
		if id == drawn[0] || id == drawn[1] {
			failsAs(t, err, CodeDifferent, entryAt(e.Sequence))
			require.Positive(t, r.Different)
		} else {
			require.False(t, slices.ContainsFunc(r.Failures, func(f *Failure) bool { return f.Where == entryAt(e.Sequence) }))
		}
	}
}

func TestAForgedExportIsFound(t *testing.T) {
	d := newDossiers(t)
	for name, x := range map[string]struct {
		sequence uint64
		change   func(envelope, data map[string]any)
		code     Code
		at       uint64
	}{
		"an entry of another ledger":     {tinyMarked, func(e, _ map[string]any) { e["source"] = "urn:certledger:l2" }, CodeForeign, tinyMarked},
		"another ledger is begun":        {1, func(_, data map[string]any) { data["ledger"] = "l2" }, CodeForeign, 1},
		"an identifier twice":            {tinyMarked, func(e, _ map[string]any) { e["id"] = tiny(t).entries[1].ID }, CodeTwice, tinyMarked},
		"recorded before the one before": {tinyMarked, func(e, _ map[string]any) { e["recordedtime"] = "2026-01-04T00:00:00.000Z" }, CodeTime, tinyMarked},
		"a hole":                         {tinyMarked, func(e, _ map[string]any) { e["version"] = 3 }, CodeChain, tinyMarked},
		"another entry before it":        {tinyMarked, func(e, _ map[string]any) { e["previous"] = domain.HashOf(nil) }, CodeChain, tinyMarked},
		"rules published by one person":  {tinyPublished, func(_, data map[string]any) { delete(data, "proposed") }, CodeOnePerson, tinyPublished},
		"a read of what is not there":    {tinyMarked, func(_, data map[string]any) { in(data, "reads", 0)["hash"] = domain.HashOf(nil) }, CodeReads, tinyMarked},
		"a read of no hash":              {tinyMarked, func(_, data map[string]any) { in(data, "reads", 0)["hash"] = "sha256:x" }, CodeReads, tinyMarked},
		"a read of a version too many":   {tinyMarked, func(_, data map[string]any) { in(data, "reads", 0)["version"] = 99 }, CodeReads, tinyMarked},
		"a read of another version":      {tinyMarked, func(_, data map[string]any) { in(data, "reads", 0)["version"] = 1 }, CodeReads, tinyMarked},
		"a read of what came later":      {tinyMarked, func(_, data map[string]any) { in(data, "reads", 0)["sequence"] = tinyDecided }, CodeReads, tinyMarked},
		"a read of a stranger":           {tinyMarked, func(_, data map[string]any) { in(data, "reads", 0)["subject"] = "cohort/x" }, CodeReads, tinyMarked},
		"an attendance":                  {tinyMarked, func(_, data map[string]any) { data["status"] = "absent" }, CodeCut, tinyDecided},
		"a verdict":                      {tinyDecided, func(_, data map[string]any) { in(data, "record", "trace", 0)["verdict"] = "open" }, CodeDifferent, tinyDecided},
		"a level":                        {tinyDecided, func(_, data map[string]any) { data["level"] = "low" }, CodeRefused, tinyDecided},
		"no record":                      {tinyDecided, func(_, data map[string]any) { delete(data, "record") }, CodeNoRecord, tinyDecided},
		"another engine":                 {tinyDecided, func(_, data map[string]any) { in(data, "record")["engine"] = "x" }, CodeUnknown, tinyDecided},
		"other rules":                    {tinySubmitted, func(_, data map[string]any) { data["digest"] = domain.HashOf(nil) }, CodeProgramme, tinySubmitted},
		"another version of the rules":   {tinySubmitted, func(_, data map[string]any) { data["programmeversion"] = 2 }, CodeProgramme, tinySubmitted},
		"other rules than proposed":      {tinyPublished, func(_, data map[string]any) { data["version"] = 2 }, CodeProposal, tinyPublished},
	} {
		t.Run(name, func(t *testing.T) {
			l := tiny(t).forged(x.sequence, x.change)
			for _, lines := range [][]byte{l.export(), l.wrapped()} {
				r, err := VerifyExport(context.Background(), d.exportOf(l, lines, 0))
				failsAs(t, err, x.code, entryAt(x.at))
				require.Positive(t, r.Failed)
				require.Equal(t, err, r.Failures[0])
			}
		})
	}
}

func TestRulesComeBeforeThoseWhoAreJudgedByThem(t *testing.T) {
	d, l := newDossiers(t), newLedger(t, "l1")
	l.record(registration("r"), l.staff(), 0, &domain.RegistrationSubmitted{
		Person: ida, Programme: "tiny", Version: 1, Digest: domain.HashOf([]byte(tinyRules)), PinMode: "registration", PinnedOn: "2026-01-05", Received: "2026-01-05",
	})
	l.publish("tiny", tinyRules)
	_, err := VerifyExport(context.Background(), d.exportOf(l, l.export(), 0))
	failsAs(t, err, CodeProgramme, "entry 2")
}

// Two people agreed on something else than what was recorded.
func TestWhatIsCarriedOutIsWhatWasProposed(t *testing.T) {
	d, l := newDossiers(t), story(t)
	for kind, field := range map[string]string{"waiver.granted.v1": "session", "attendance.corrected.v1": "status"} {
		found := false
		for _, e := range l.entries {
			if c, ok := e.Event.(*domain.AttendanceCorrected); e.Type != kind || ok && c.Proposed == nil {
				continue
			}
			found = true
			other := map[string]any{"session": "7", "status": "absent"}[field]
			forged := l.forged(e.Sequence, func(_, data map[string]any) { data[field] = other })
			_, err := VerifyExport(context.Background(), d.exportOf(forged, forged.export(), 0))
			failsAs(t, err, CodeProposal, entryAt(e.Sequence))
		}
		require.True(t, found, kind)
	}
}

// line is the first byte of an entry's line.
func line(lines []byte, n int) int {
	at := 0
	for range n - 1 {
		at += bytes.IndexByte(lines[at:], '\n') + 1
	}
	return at
}

func TestADamagedExportIsFound(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	plain, wrapped := l.export(), l.wrapped()
	cut := func(lines []byte, from, until int) []byte {
		return append(bytes.Clone(lines[:line(lines, from)]), lines[line(lines, until):]...)
	}
	swapped := func(lines []byte) []byte {
		a, b, c := line(lines, 4), line(lines, 5), line(lines, 6)
		return bytes.Join([][]byte{lines[:a], lines[b:c], lines[a:b], lines[c:]}, nil)
	}
	replaced := func(lines []byte, was, is string) []byte {
		out := []byte(strings.Replace(string(lines), was, is, 1))
		require.NotEqual(t, lines, out)
		return out
	}
	for name, x := range map[string]struct {
		lines []byte
		code  Code
		where string
	}{
		"nothing":                    {nil, CodeShort, exportPart},
		"cut short":                  {plain[:len(plain)-1], CodeShort, "entry 11"},
		"the last entry left out":    {cut(plain, 11, 12), CodeShort, exportPart},
		"an entry left out":          {cut(plain, 6, 7), CodeChain, "entry 6"},
		"only from entry 2 on":       {cut(plain, 1, 2), CodeOnePerson, "entry 2"},
		"a line left out":            {cut(wrapped, 6, 7), CodeShort, "entry 6"},
		"only from line 2 on":        {cut(wrapped, 1, 2), CodeShort, "entry 1"},
		"two swapped":                {swapped(plain), CodeReads, "entry 6"},
		"two lines swapped":          {swapped(wrapped), CodeShort, "entry 4"},
		"an entry changed":           {replaced(plain, `"status":"present"`, `"status":"absent"`), CodeChain, "entry 10"},
		"the last entry changed":     {replaced(plain, `"verdict":"met"`, `"verdict":"open"`), CodeDifferent, "entry 11"},
		"a last field changed":       {replaced(plain, `"code":"c"`, `"code":"d"`), CodeChain, "entry 6"},
		"a line's entry changed":     {replaced(wrapped, `"status":"present"`, `"status":"absent"`), CodeEntry, "entry 9"},
		"a line's hash changed":      {replaced(wrapped, `"hash":"sha256:`, `"hash":"sha256:0`), CodeEntry, "entry 1"},
		"a line with more":           {replaced(wrapped, "}}}\n", "}}} \n"), CodeEntry, "entry 1"},
		"a line that is no entry":    {replaced(plain, `"specversion":"1.0"`, `"specversion":"1.0`), CodeEntry, "entry 1"},
		"an unknown type":            {replaced(plain, "attendance.marked.v1", "attendance.marked.v2"), CodeUnknown, "entry 9"},
		"a nonce changed":            {replaced(plain, `"nonce":"`, `"nonce":"0`), CodeTree, exportPart},
		"an empty line":              {append([]byte("\n"), plain...), CodeEntry, "entry 1"},
		"a line that is too long":    {append(bytes.Repeat([]byte(" "), ExportLineMax), plain...), CodeTooLarge, "entry 1"},
		"an entry that is too long":  {append(append([]byte{}, plain...), append(bytes.Repeat([]byte(" "), EntryMax+1), '\n')...), CodeTooLarge, "entry 12"},
		"lines of two kinds":         {append(bytes.Clone(wrapped), plain...), CodeEntry, "entry 12"},
		"lines of the other kind":    {append(bytes.Clone(plain), wrapped...), CodeEntry, "entry 12"},
		"the whole twice":            {append(bytes.Clone(plain), plain...), CodeTwice, "entry 12"},
		"two entries of another one": {append(bytes.Clone(plain), tinyOf(t, "l2", tinyRules).export()...), CodeForeign, "entry 12"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := VerifyExport(context.Background(), d.exportOf(l, x.lines, 0))
			failsAs(t, err, x.code, x.where)
		})
	}
	x := d.exportOf(l, plain, 0)
	x.Checkpoint = append(x.Checkpoint, '\n')
	_, err := VerifyExport(context.Background(), x)
	failsAs(t, err, CodeForm, checkpointPart)
}

func TestNoByteOfAnExportCanBeChanged(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	lines := l.export()
	checkpoint := l.signed(0, d.signer)
	var accepted atomic.Int64
	everywhere(Files{{"export", lines}}, len(lines), func(own Files, at int) {
		own[0].Content[at] ^= flips[at%len(flips)]
		_, err := VerifyExport(context.Background(), Export{
			Lines: bytes.NewReader(own[0].Content), Size: int64(len(lines)), Checkpoint: checkpoint, Policy: d.policy,
		})
		if !isNamed(err) {
			accepted.Add(1)
		}
		own[0].Content[at] ^= flips[at%len(flips)]
	})
	require.Zero(t, accepted.Load())
}

func TestAnExportThatChangesMeanwhileIsNotVerified(t *testing.T) {
	d, l := newDossiers(t), tiny(t)
	x := d.exportOf(l, l.export(), 0)
	x.Lines = &changing{lines: l.export()}
	_, err := VerifyExport(context.Background(), x)
	require.ErrorIs(t, err, errChanged)

	ctx, cancel := context.WithCancel(context.Background())
	x = d.exportOf(l, l.export(), 0)
	x.Progress = func(string, uint64, uint64) { cancel() }
	_, err = VerifyExport(ctx, x)
	require.ErrorIs(t, err, context.Canceled)

	file := filepath.Join(t.TempDir(), "closed")
	require.NoError(t, os.WriteFile(file, l.export(), 0o600))
	f, err := os.Open(file)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	x = d.exportOf(l, l.export(), 0)
	x.Lines = f
	_, err = VerifyExport(context.Background(), x)
	require.ErrorIs(t, err, os.ErrClosed)
}

// changing gives other bytes after the first time.
type changing struct {
	lines []byte
	reads int
}

func (c *changing) ReadAt(p []byte, at int64) (int, error) {
	c.reads++
	n, err := bytes.NewReader(c.lines).ReadAt(p, at)
	if c.reads > 2 && n > 0 {
		p[n/2] ^= 1
	}
	return n, err
}

func FuzzVerifyExport(f *testing.F) {
	d, l := newDossiers(f), tiny(f)
	checkpoint := l.signed(0, d.signer)
	f.Add(l.export())
	f.Add(l.wrapped())
	f.Add([]byte("\n\n"))
	whole := l.export()
	f.Fuzz(func(t *testing.T, lines []byte) {
		_, err := VerifyExport(context.Background(), Export{Lines: bytes.NewReader(lines), Size: int64(len(lines)), Checkpoint: checkpoint, Policy: d.policy})
		if err == nil {
			require.True(t, bytes.HasPrefix(lines, whole) || bytes.HasPrefix(lines, l.wrapped()))
			return
		}
		require.ErrorAs(t, err, new(*Failure))
	})
}

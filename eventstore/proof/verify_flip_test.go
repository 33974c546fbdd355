package proof

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// flips are how a byte is changed: its lowest bit, the one that changes the case of
// a letter, and its highest.
var flips = []byte{0x01, 0x20, 0x80}

// everywhere runs f for 0 to n-1 on all processors, and gives each its own copy of
// a dossier.
func everywhere(files Files, n int, f func(own Files, i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			own := slices.Clone(files)
			for i := range own {
				own[i].Content = bytes.Clone(own[i].Content)
			}
			for i := next.Add(everyNth) - everyNth; i < int64(n); i = next.Add(everyNth) - everyNth {
				f(own, int(i))
			}
		})
	}
	all.Wait()
}

func TestNoByteOfADossierCanBeChanged(t *testing.T) {
	flips := flips
	if testing.Short() {
		flips = flips[:1]
	}
	d := newDossiers(t)
	files := d.of(tiny(t), "r", "d")
	type place struct{ file, at int }
	var places []place
	for i, f := range files {
		for at := range f.Content {
			places = append(places, place{i, at})
		}
	}
	var accepted sync.Map
	everywhere(files, len(places), func(own Files, i int) {
		content := own[places[i].file].Content
		at := places[i].at
		for _, flip := range flips {
			content[at] ^= flip
			if _, err := VerifyDossier(own, d.policy); !isNamed(err) {
				accepted.Store(fmt.Sprintf("%s, byte %d, flip %#x", own[places[i].file].Name, at, flip), err)
			}
			content[at] ^= flip
		}
	})
	accepted.Range(func(what, err any) bool { t.Errorf("%v: %v", what, err); return true })
	_, err := VerifyDossier(files, d.policy)
	require.NoError(t, err)
}

// isNamed reports whether an error says which part fails and why.
func isNamed(err error) bool {
	f, ok := err.(*Failure)
	return ok && f.Code != "" && f.Code != CodeImpossible && f.Where != "" && f.What != ""
}

func TestNoFileOfADossierCanBeMoved(t *testing.T) {
	d := newDossiers(t)
	files := d.of(tiny(t), "r", "d")
	refused := func(files Files, what string, args ...any) {
		t.Helper()
		_, err := VerifyDossier(files, d.policy)
		require.True(t, isNamed(err), fmt.Sprintf(what, args...), err)
	}
	for i, f := range files {
		refused(files.without(f.Name), "%s dropped", f.Name)
		refused(files.with(f.Name, nil), "%s emptied", f.Name)
		refused(append(slices.Clone(files), f), "%s twice", f.Name)
		refused(slices.Insert(slices.Clone(files), i, f), "%s twice in a row", f.Name)
		refused(files.with(f.Name, append(bytes.Clone(f.Content), '\n')), "%s with a line more", f.Name)
		for at := range f.Content {
			if at%7 == 0 || at > len(f.Content)-40 {
				refused(files.with(f.Name, f.Content[:at]), "%s cut at %d", f.Name, at)
			}
		}
		for _, other := range []string{
			"README", "entries/000000000099.entry", "entries/000000000001.entry", "entries/12.leaf", "decisions/e.json", "heads2", "programmes/x.yaml",
			"programmes/0000000000000000000000000000000000000000000000000000000000000000.yaml", "../heads", "entries/../heads", "opened/names.json", "",
		} {
			refused(files.with(other, f.Content), "%s as %q as well", f.Name, other)
			refused(files.without(f.Name).with(other, f.Content), "%s as %q instead", f.Name, other)
		}
		if i > 0 {
			before := files[i-1]
			refused(files.with(f.Name, before.Content).with(before.Name, f.Content), "%s and %s swapped", before.Name, f.Name)
		}
		refused(files.with(f.Name, files[(i+3)%len(files)].Content), "%s in place of %s", files[(i+3)%len(files)].Name, f.Name)
	}
}

// Three files of one kind belong to an entry: it can be left out whole, or be put
// in the place of another.
func TestNoEntryOfADossierCanBeMoved(t *testing.T) {
	d := newDossiers(t)
	files := d.of(tiny(t), "r", "d")
	for a := uint64(2); a <= 11; a++ {
		fewer := files
		for _, end := range []string{entryEnd, leafFileEnd, inclusionEnd} {
			fewer = fewer.without(entryFile(a, end))
		}
		_, err := VerifyDossier(fewer, d.policy)
		require.True(t, isNamed(err), "entry %d left out: %v", a, err)
		for b := uint64(2); b <= 11; b++ {
			if a == b {
				continue
			}
			moved, both := files, files
			for _, end := range []string{entryEnd, leafFileEnd, inclusionEnd} {
				content, _ := files.named(entryFile(a, end))
				other, _ := files.named(entryFile(b, end))
				moved = moved.with(entryFile(b, end), content)
				both = both.with(entryFile(b, end), content).with(entryFile(a, end), other)
			}
			_, err := VerifyDossier(moved, d.policy)
			require.True(t, isNamed(err), "entry %d in the place of %d: %v", a, b, err)
			_, err = VerifyDossier(both, d.policy)
			require.True(t, isNamed(err), "entries %d and %d swapped: %v", a, b, err)
		}
	}
}

package projections

import "hash/maphash"

// seen remembers roughly which names it was shown: it may think that it knows
// one that is new, never the other way round. So a rebuild, which begins with
// nothing, need not look for rows that it cannot have written.
type seen struct {
	bits []uint64
	mask uint64
	seed maphash.Seed
}

const (
	seenBits   = 12 // for a name, or up to twice as many
	seenProbes = 4
)

// newSeen has room for so many names; of those that are new it takes one in some
// hundred for known.
func newSeen(names uint64) *seen {
	words := uint64(1)
	for words*64 < names*seenBits {
		words *= 2
	}
	return &seen{bits: make([]uint64, words), mask: words*64 - 1, seed: maphash.MakeSeed()}
}

// before reports whether a name may have been shown before, and remembers it.
func (s *seen) before(name string) bool {
	h := maphash.String(s.seed, name)
	step := h>>32 | 1
	known := true
	for range seenProbes {
		word, bit := h&s.mask/64, uint64(1)<<(h%64)
		known = known && s.bits[word]&bit != 0
		s.bits[word] |= bit
		h += step
	}
	return known
}

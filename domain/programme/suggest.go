package programme

import "fmt"

// nearest is the known word that word was probably meant to be, or empty:
// the first with the fewest letters added, dropped, changed or swapped.
func nearest(word string, known []string) string {
	best, fewest := "", 3
	switch n := len([]rune(word)); {
	case n <= 2: // A1 and A2 are two names, not a slip
		return ""
	case n <= 4:
		fewest = 2
	}
	for _, k := range known {
		if k == word {
			continue
		}
		if d := distance([]rune(word), []rune(k)); d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// distance is the number of single-letter edits from a to b, swapping two
// neighbours being one. Long words are not compared.
func distance(a, b []rune) int {
	if len(a) > KeyBytesMax || len(b) > KeyBytesMax {
		return KeyBytesMax
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func didYouMean(word string) string { return fmt.Sprintf("did you mean %s?", word) }

// orKnown suggests the nearest known word, or lists all.
func orKnown(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return didYouMean(near)
	}
	switch {
	case len(known) == 0:
		return "the programme has none"
	case len(known) > 20:
		return ""
	}
	return "known here: " + list(known)
}

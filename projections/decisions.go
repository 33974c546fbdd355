package projections

import (
	"cmp"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
)

// EachDecision visits every decision in the order of ids, until each reports
// false or an error.
func (r reads) EachDecision(each func(id string, at DecisionAt) (bool, error)) error {
	_, err := read(r, func(r reader) (struct{}, error) {
		prefix := []byte{viewDecision}
		return struct{}{}, r.scan(prefix, afterKey(prefix), func(key, value []byte) (bool, error) {
			var at DecisionAt
			if err := unpack(value, &at); err != nil {
				return false, err
			}
			return each(string(key[len(prefix):]), at)
		})
	})
	return err
}

// Reader is a decision that had read a subject other than its registration, or
// rested on the word of the attester whose it is.
type Reader struct {
	Registration string
	Decision     string
}

// EachReader visits the decisions that a subject matters to, in order, from those
// of a registration on, until each reports false or an error. Subjects are cohorts,
// attesters, and other registrations of the same person.
func (r reads) EachReader(subject domain.Subject, from string, each func(Reader) (bool, error)) error {
	_, err := read(r, func(r reader) (struct{}, error) { return struct{}{}, r.eachReader(subject, from, each) })
	return err
}

func (r reader) eachReader(subject domain.Subject, from string, each func(Reader) (bool, error)) error {
	prefix := below(viewReader, string(subject))
	return r.scan(append(slices.Clone(prefix), from...), afterKey(prefix), func(key, _ []byte) (bool, error) {
		registration, decision, _ := strings.Cut(string(key[len(prefix):]), "\x00")
		return each(Reader{registration, decision})
	})
}

// readersOf are the registrations of all decisions that a subject matters to.
func (r reader) readersOf(subject domain.Subject) ([]string, error) {
	var out []string
	err := r.eachReader(subject, "", func(x Reader) (bool, error) {
		out = append(out, x.Registration)
		return true, nil
	})
	return out, err
}

// DueReview is a review that is open.
type DueReview struct {
	Due          domain.Date
	Registration string
	Decision     string
}

// Compare orders reviews by day, registration and decision.
func (d DueReview) Compare(o DueReview) int {
	return cmp.Or(cmp.Compare(d.Due, o.Due), cmp.Compare(d.Registration, o.Registration), cmp.Compare(d.Decision, o.Decision))
}

// DueReviews lists up to limit open reviews after one, in the order of Compare:
// those that are due first. A limit of 0, or above ListMax, means ListMax. They
// are those of the summaries: what time alone has put in doubt since the last
// entry is not among them.
func (r reads) DueReviews(after DueReview, limit int) ([]DueReview, error) {
	return read(r, func(r reader) ([]DueReview, error) {
		var out []DueReview
		limit := clamp(limit, ListMax)
		from := []byte{viewReview}
		if after != (DueReview{}) {
			from = append(key(viewReview, string(after.Due), after.Registration, after.Decision), 0)
		}
		err := r.scan(from, []byte{viewReview + 1}, func(key, _ []byte) (bool, error) {
			parts := strings.Split(string(key[1:]), "\x00")
			if len(parts) != 3 {
				return false, errPacked
			}
			out = append(out, DueReview{domain.Date(parts[0]), parts[1], parts[2]})
			return len(out) < limit, nil
		})
		return out, err
	})
}

// EachPinned visits the registrations of a programme with the rules that they are
// pinned to, in order, from one on, until each reports false or an error.
func (r reads) EachPinned(programme, from string, each func(registration, digest string) (bool, error)) error {
	_, err := read(r, func(r reader) (struct{}, error) {
		prefix := below(viewOfProgram, programme)
		return struct{}{}, r.scan(append(slices.Clone(prefix), from...), afterKey(prefix), func(key, value []byte) (bool, error) {
			return each(string(key[len(prefix):]), string(value))
		})
	})
	return err
}

// IsOf reports whether a registration is pinned to rules of a programme.
func (r reads) IsOf(registration, programme string) (bool, error) {
	return read(r, func(r reader) (bool, error) { return r.has(key(viewOfProgram, programme, registration)) })
}

package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
	"github.com/spf13/cobra"
)

// asOf is what was known when, about when; empty texts are now.
type asOf struct {
	known, effective string
}

func (as *asOf) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&as.known, "known-at", "", "by what was known then: a `position` of the ledger, or a time like 2026-06-12T12:00:00-04:00")
	cmd.Flags().StringVar(&as.effective, "effective-at", "", "as it stood at this `time`, like 2026-05-03T12:00:00-04:00, by what had happened")
}

// query are the two for a server.
func (as asOf) query() string {
	q := url.Values{}
	if as.known != "" {
		q.Set("known_at", as.known)
	}
	if as.effective != "" {
		q.Set("effective_at", as.effective)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// then says that another moment than now was asked for.
func (as asOf) then() string {
	if as == (asOf{}) {
		return ""
	}
	return " at that point"
}

// read is what the texts say in a directory: the last entry that was known, and
// the time, which is zero for all that was known then.
func (as asOf) read(v *projections.View) (until uint64, at time.Time, err error) {
	if as.effective != "" {
		if at, err = time.Parse(time.RFC3339, as.effective); err != nil {
			return 0, at, usage("--effective-at takes a time with its offset, like 2026-05-03T12:00:00-04:00")
		}
	}
	p, err := v.Position()
	if err != nil {
		return 0, at, err
	}
	if until, err = as.knownUntil(v, p.Sequence); err != nil {
		return 0, at, err
	}
	switch {
	case at.After(now()):
		err = fmt.Errorf("--effective-at %s has not come yet", as.effective)
	case until == 0:
		err = fmt.Errorf("nothing was recorded yet at --known-at %s; ask for a later point", as.known)
	case until > p.Sequence:
		err = fmt.Errorf("the ledger ends with entry %d, before --known-at %s", p.Sequence, as.known)
	}
	return until, at, err
}

// facts are those of a registration at the point that was read.
func (as asOf) facts(v *projections.View, registration string, until uint64, at time.Time) (domain.Facts, error) {
	if as == (asOf{}) {
		return v.Facts(registration)
	}
	return v.EffectiveFacts(registration, until, at)
}

func (as asOf) knownUntil(v *projections.View, head uint64) (uint64, error) {
	if as.known == "" {
		return head, nil
	}
	if n, err := strconv.ParseUint(as.known, 10, 64); err == nil {
		return n, nil
	}
	t, err := time.Parse(time.RFC3339, as.known)
	if err != nil {
		return 0, usage("--known-at takes a position of the ledger, or a time with its offset like 2026-06-12T12:00:00-04:00")
	}
	if t.After(now()) {
		return 0, fmt.Errorf("--known-at %s has not come yet", as.known)
	}
	return v.SequenceAt(t)
}

// told are the entries that an explanation as of then may name: what happened
// later is left out, unless the assessment rests on it, as on a signature.
func (as asOf) told(a domain.Assessment, at time.Time, entries []domain.Entry) []domain.Entry {
	if as.effective == "" {
		return entries
	}
	return slices.DeleteFunc(entries, func(e domain.Entry) bool {
		return e.Time.After(at) && !slices.ContainsFunc(a.Consulted, func(c domain.Consulted) bool {
			return c.Sequence == e.Sequence && c.Role == domain.RoleUsed
		})
	})
}

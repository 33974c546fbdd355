package main

import (
	"errors"
	"fmt"
	"net/url"

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
	return queryOf(map[string]string{"known_at": as.known, "effective_at": as.effective})
}

// queryOf is what a path ends with to ask for values, of which empty ones are left
// out.
func queryOf(values map[string]string) string {
	q := url.Values{}
	for name, value := range values {
		if value != "" {
			q.Set(name, value)
		}
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

// point is what the texts say in a directory.
func (as asOf) point(v *projections.View) (projections.Point, error) {
	p, err := v.PointOf(as.known, as.effective, now())
	var wrong *projections.PointError
	if !errors.As(err, &wrong) {
		return p, err
	}
	flag := "--known-at"
	if wrong.Effective {
		flag = "--effective-at"
	}
	if wrong.Malformed {
		return p, usage("%s: %s", flag, wrong.What)
	}
	return p, fmt.Errorf("%s: %w", flag, err)
}

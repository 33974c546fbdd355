package api

import (
	"net/http"
	"sync"

	"github.com/certledger/certledger/domain"
)

// How many requests of a kind that takes long are answered at once. Whoever comes
// beyond that is asked to come again; nobody waits holding a connection, and what
// else there is to do is not kept from being done.
const (
	rehearsalsAtOnce = 2
	auditsAtOnce     = 2
	reportsAtOnce    = 2
	dossiersAtOnce   = 8
	exportsAtOnce    = 4
)

var tooMany = kind{"too-many-at-once", http.StatusServiceUnavailable, "As many of these as this server does at once, or as many as one caller may have, are under way; nothing was done. Please try again in a moment.", 5}

// gates are what requests of one kind share: each holds a place while it is
// answered.
type gates map[string]*gate // by operation

// gate is the places of one kind of request. One caller holds half of them at most,
// so that nobody who reads slowly keeps everybody else out.
type gate struct {
	most int

	mu    sync.Mutex           // protects the two below
	taken int                  // places
	by    map[domain.Actor]int // places, by who holds them
}

func newGates() gates {
	out := gates{}
	for _, g := range []struct {
		most       int
		operations []string
	}{
		{rehearsalsAtOnce, []string{"rehearse"}},
		{auditsAtOnce, []string{"draw-audit", "get-audit"}},
		{reportsAtOnce, []string{"report-programme"}},
		{dossiersAtOnce, []string{"get-decision-dossier", "get-person-dossier"}},
		{exportsAtOnce, []string{"export-ledger"}},
	} {
		shared := &gate{most: g.most, by: map[domain.Actor]int{}}
		for _, id := range g.operations {
			out[id] = shared
		}
	}
	return out
}

// enter takes a place for an operation, and is a problem where there is none for
// this caller. Leave gives it back.
func (g gates) enter(operation string, by domain.Actor) (leave func(), err error) {
	shared, ok := g[operation]
	switch {
	case !ok:
		return func() {}, nil
	case !shared.take(by):
		return nil, tooMany.problem()
	}
	return func() { shared.leave(by) }, nil
}

func (g *gate) take(by domain.Actor) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken == g.most || g.by[by] == g.most/2 {
		return false
	}
	g.taken++
	g.by[by]++
	return true
}

func (g *gate) leave(by domain.Actor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken--
	if g.by[by]--; g.by[by] == 0 {
		delete(g.by, by)
	}
}

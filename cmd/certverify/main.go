// Command certverify checks, without a network and without trusting anybody but
// the holder of a log's key, what a certification ledger has handed out: a dossier
// of a decision, a whole export, or the proof of one entry.
//
// It ends with status 0 where everything holds and every decision is identical,
// with 1 where something does not, and with 2 where it was asked wrongly.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"time"
)

// collectAt lets the heap grow to five times what lives before it is collected:
// what lives is small, and deriving makes much that does not. GOGC overrides.
const collectAt = 400

// The statuses that the program ends with.
const (
	statusHolds = iota
	statusFails
	statusUsage
)

func main() {
	time.Local = time.UTC // what is printed must not depend on where it is run
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it.
func run(args []string, out, remarks io.Writer) int {
	a := &app{out: out, remarks: remarks}
	root := a.root()
	root.SetArgs(args)
	err := errors.Join(root.ExecuteContext(context.Background()), a.lost)
	switch {
	case err == nil:
		return statusHolds
	case errors.Is(err, errTold):
		return statusFails
	}
	a.note("certverify: %s\n", printable(err.Error()))
	if a.verifying && !isUsage(err) {
		return statusFails
	}
	a.note("Try `%s --help`.\n", a.help)
	return statusUsage
}

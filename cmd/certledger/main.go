// Command certledger records how people become certified, and can prove it.
//
// It reads its settings from flags, then CERTLEDGER_* environment variables,
// then a YAML file, and ends with status 0 (done), 1 (refused or failed) or
// 2 (asked for wrongly).
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // one binary reads every programme's time zone, also where the system has none
)

// collectAt lets the heap grow to four times what lives before it is collected:
// what lives is small, and replaying makes much that does not. GOGC overrides.
const collectAt = 300

func main() {
	time.Local = time.UTC // what is printed must not depend on where it is run
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are what a command reads from and writes to.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is the whole program but for the process around it.
func run(args []string, std streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	a := &app{streams: std, lookup: os.LookupEnv, environ: os.Environ}
	root := a.root()
	root.SetArgs(args)
	err := errors.Join(root.ExecuteContext(ctx), a.lost)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	code := 1
	if !a.entered || isUsage(err) {
		code = 2
	}
	if text := err.Error(); text != "" {
		a.note("certledger: %s\n", text)
		if code == 2 && a.help != "" {
			a.note("Try `%s --help`.\n", a.help)
		}
	}
	return code
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/script drive the binary as people do. Where
// CERTLEDGER_BIN names one it is that; else it is this test's own binary, which
// then runs main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"certledger": main})
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":        scriptExits,
			"serving":      scriptServing,
			"serving-ends": scriptServingEnds,
			"fromjson":     scriptFromJSON,
			"shorten":      scriptShorten,
		},
	})
}

func setUpScript(e *testscript.Env) error {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	e.Setenv("ROOT", root)
	e.Values[served{}] = &served{}
	binary := os.Getenv(envBinary)
	if binary == "" {
		return nil
	}
	dir := filepath.Join(e.WorkDir, ".bin")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	e.Setenv("PATH", dir+string(filepath.ListSeparator)+e.Getenv("PATH"))
	return os.Symlink(binary, filepath.Join(dir, "certledger"))
}

// exits CODE COMMAND... runs a command that must end with exactly this status.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("status %d, not %s", code, args[0])
	}
}

// served is the server that a script has running.
type served struct {
	cmd  *exec.Cmd
	errs *bytes.Buffer
	done chan struct{}
}

// serving COMMAND... runs a server until serving-ends, and sets
// CERTLEDGER_SERVER and ADDRESS once it serves. What it said then is in ready.json.
func scriptServing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serving COMMAND...")
	}
	s := ts.Value(served{}).(*served)
	path, err := lookPath(ts.Getenv("PATH"), args[0])
	ts.Check(err)
	s.cmd, s.errs, s.done = exec.CommandContext(context.Background(), path, args[1:]...), &bytes.Buffer{}, make(chan struct{})
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "TMPDIR=" + ts.Getenv("TMPDIR")}
	out, err := s.cmd.StdoutPipe()
	ts.Check(err)
	logs, err := s.cmd.StderrPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	cmd, done := s.cmd, s.done
	ts.Defer(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			<-done
			_ = cmd.Wait()
		}
	})
	ready := make(chan string, 2)
	var read sync.WaitGroup
	read.Go(func() { scan(out, io.Discard, ready) })
	read.Go(func() { scan(logs, s.errs, ready) })
	go func() { read.Wait(); close(done) }()
	var line string
	select {
	case line = <-ready:
	case <-done:
		ts.Fatalf("it ended before it served: %s", s.errs)
	case <-time.After(2 * time.Minute):
		ts.Fatalf("it does not serve after two minutes")
	}
	var said struct{ URL string }
	ts.Check(json.Unmarshal([]byte(line), &said))
	u, err := url.Parse(said.URL)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("ready.json"), []byte(line), 0o600))
	ts.Setenv("CERTLEDGER_SERVER", said.URL)
	ts.Setenv("ADDRESS", u.Host)
}

// serving-ends stops the server with a signal; it must end well.
func scriptServingEnds(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(served{}).(*served)
	if neg || len(args) > 0 || s.cmd == nil {
		ts.Fatalf("usage: serving-ends, after serving")
	}
	ts.Check(s.cmd.Process.Signal(os.Interrupt))
	<-s.done
	if err := s.cmd.Wait(); err != nil {
		ts.Fatalf("%v: %s", err, s.errs)
	}
	ts.Setenv("CERTLEDGER_SERVER", "")
	s.cmd = nil
}

func lookPath(path, name string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode()&0o111 != 0 {
			return filepath.Join(dir, name), nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// fromjson FILE .KEY.KEY NAME sets an environment variable to a value in a file.
func scriptFromJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: fromjson FILE .KEY.KEY NAME")
	}
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &value))
	for _, key := range strings.Split(strings.TrimPrefix(args[1], "."), ".") {
		table, ok := value.(map[string]any)
		if !ok {
			ts.Fatalf("%s: nothing at %s", args[0], args[1])
		}
		value = table[key]
	}
	text, ok := value.(string)
	if !ok {
		ts.Fatalf("%s: no text at %s", args[0], args[1])
	}
	ts.Setenv(args[2], text)
}

// shorten DIR cuts the end off the ledger's block files, as a broken disk does.
func scriptShorten(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: shorten DIR")
	}
	cut := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".blk":
			info, err := d.Info()
			if err != nil {
				return err
			}
			cut++
			return os.Truncate(path, info.Size()/2)
		case ".db": // the index, made anew from the blocks
			return os.Remove(path)
		}
		return nil
	}))
	if cut == 0 {
		ts.Fatalf("no block files in %s", args[0])
	}
}

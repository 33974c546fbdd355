package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// binary is the program under test: CERTLEDGER_BIN, or this test's own binary,
// which runs main when it is called by that name.
func binary(t *testing.T) string {
	t.Helper()
	if name := os.Getenv(envBinary); name != "" {
		return name
	}
	name, err := exec.LookPath("certledger")
	require.NoError(t, err, "testscript.Main puts it into PATH")
	return name
}

// process is a running server or demo.
type process struct {
	cmd    *exec.Cmd
	url    string
	said   chan string                // the line by which it says that it serves
	ready  map[string]json.RawMessage // the same
	stderr *logBuffer
	done   chan struct{} // closed when its output has ended
}

// logBuffer is what a process has logged so far.
type logBuffer struct {
	mu sync.Mutex // protects b
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// logged is what the process has logged so far.
func (p *process) logged() string { return p.stderr.String() }

// start runs the binary and waits until it serves: a server says so in its log,
// a demo on its standard output.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := launch(t, args...)
	select {
	case line := <-p.said:
		require.NoError(t, json.Unmarshal([]byte(line), &p.ready))
		require.NoError(t, json.Unmarshal(p.ready["url"], &p.url))
	case <-p.done:
		_ = p.cmd.Wait()
		require.FailNow(t, "it ended before it served", "%s", p.stderr)
	case <-time.After(2 * time.Minute):
		require.FailNow(t, "it does not serve after two minutes")
	}
	return p
}

// launch runs the binary and waits for nothing.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary(t), args...), said: make(chan string, 2), stderr: &logBuffer{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "CERTLEDGER_SERVER=", "CERTLEDGER_TOKEN=")
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	logs, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	var read sync.WaitGroup
	read.Go(func() { scan(out, io.Discard, p.said) })
	read.Go(func() { scan(logs, p.stderr, p.said) })
	go func() { read.Wait(); close(p.done) }()
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.kill(t)
		}
	})
	return p
}

// scan copies lines and hands over the first that names a URL.
func scan(from io.Reader, to io.Writer, ready chan<- string) {
	lines := bufio.NewReader(from)
	told := false
	for {
		line, err := lines.ReadString('\n')
		_, _ = io.WriteString(to, line)
		if !told && strings.Contains(line, `"url":"http`) {
			ready <- line
			told = true
		}
		if err != nil {
			return
		}
	}
}

// kill is kill -9.
func (p *process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill())
	<-p.done
	_ = p.cmd.Wait() // it was killed
}

// stop asks it to end, and expects that it does so well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	<-p.done
	require.NoError(t, p.cmd.Wait(), "%s", p.stderr)
}

// tokens are those that a demo gave out, by role.
func (p *process) tokens(t *testing.T) map[string]string {
	t.Helper()
	var tokens map[string]string
	require.NoError(t, json.Unmarshal(p.ready["tokens"], &tokens))
	return tokens
}

// output runs the binary to its end and answers with what it printed.
func output(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), binary(t), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "%v: %s", args, &errs)
	return out.String()
}

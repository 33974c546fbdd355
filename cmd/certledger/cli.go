package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// app is one run of the program.
type app struct {
	streams
	lookup  func(string) (string, bool) // an environment variable
	environ func() []string

	config  string          // the YAML file
	given   map[string]bool // flags on the command line itself
	entered bool            // a command has begun: what fails from here on is no usage error by itself
	help    string          // the command whose --help would help
	lost    error           // why something that was to be printed was not
}

// say prints what was asked for. A failure fails the command at its end.
func (a *app) say(format string, args ...any) {
	if _, err := fmt.Fprintf(a.out, format, args...); err != nil && a.lost == nil {
		a.lost = fmt.Errorf("print the answer: %w", err)
	}
}

// note prints a remark to the one who watches; nothing depends on it.
func (a *app) note(format string, args ...any) { _, _ = fmt.Fprintf(a.err, format, args...) }

// usageError is a command asked for wrongly.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func isUsage(err error) bool {
	var u *usageError
	return errors.As(err, &u)
}

// errTold is a failure that has been told already.
var errTold = errors.New("")

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "certledger",
		Short: "Records how people become certified, and can prove it",
		Long: `certledger records every registration, attendance mark, evaluation and practicum
hour as an immutable entry of a ledger, says what the rules of a programme make
of them, and keeps the decisions that people take on that ground.

Settings come from flags, then from the environment (--listen is
CERTLEDGER_LISTEN), then from a YAML file (listen: 127.0.0.1:8080).`,
		Example: `  certledger demo
  certledger init --data ledger && certledger serve --data ledger
  certledger programme check rules.yaml`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.help = cmd.CommandPath()
			if err := a.settings(cmd); err != nil {
				return err
			}
			a.entered = true
			return nil
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetVersionTemplate("certledger {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.config, "config", "", "YAML `file` with settings")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		a.help = cmd.CommandPath()
		return usage("%s", flagError(err))
	})
	root.AddCommand(a.commands()...)
	for _, c := range every(root) {
		a.prepare(c)
	}
	a.completeArguments(root)
	return root
}

// every is a command and all below it.
func every(c *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		out = append(out, every(sub)...)
	}
	return out
}

// prepare makes a command that only holds others say what it does not know,
// and every command remember where its help is.
func (a *app) prepare(c *cobra.Command) {
	if c.HasSubCommands() && c.RunE == nil && c.Run == nil {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			text := fmt.Sprintf("there is no command %q", cmd.CommandPath()+" "+args[0])
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				text += fmt.Sprintf("; did you mean %q?", cmd.CommandPath()+" "+near[0])
			}
			return usage("%s", text)
		}
		c.SuggestionsMinimumDistance = 2
		return
	}
	check := c.Args
	c.Args = func(cmd *cobra.Command, args []string) error {
		a.help = cmd.CommandPath()
		if check == nil {
			return nil
		}
		return check(cmd, args)
	}
}

// takes says which arguments a command needs, in words that name them.
func takes(atLeast, atMost int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < atLeast:
			return usage("%s needs %s", cmd.CommandPath(), what)
		case atMost >= 0 && len(args) > atMost && atMost == 0:
			return usage("%s takes no arguments, but got %q", cmd.CommandPath(), args[0])
		case atMost >= 0 && len(args) > atMost:
			return usage("%s takes only %s; %q is one too many", cmd.CommandPath(), what, args[atMost])
		}
		return nil
	}
}

// flagError is pflag's complaint in our words.
func flagError(err error) string {
	text := err.Error()
	for _, prefix := range []string{"unknown flag: ", "unknown shorthand flag: "} {
		if flag, ok := strings.CutPrefix(text, prefix); ok {
			return "there is no flag " + flag
		}
	}
	return text
}

// version is the commit this was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	commit, when, dirty := "", "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case "vcs.time":
			when, _, _ = strings.Cut(s.Value, "T")
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if commit == "" {
		return "unversioned " + info.GoVersion
	}
	if dirty {
		commit += " with changes"
	}
	return strings.TrimSpace(commit+" "+when) + " " + info.GoVersion
}

// isTerminal reports whether w is a terminal, where progress may be shown.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

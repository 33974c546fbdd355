package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/certledger/certledger/eventstore/proof"
)

// app is one run of the program.
type app struct {
	out, remarks io.Writer
	lost         error // why something that was to be printed was not

	help      string // the command whose --help would help
	verifying bool   // what was asked for is clear: what fails from here on is no usage error

	logKeys []string // verifier keys, or files with them
	policy  string   // a file
	unknown bool     // allow signatures by unknown keys
	output  string
}

// Forms of output.
const (
	asText = "text"
	asJSON = "json"
)

// errTold is a failure that has been told already.
var errTold = errors.New("it does not hold")

// usageError is a command asked for wrongly.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func isUsage(err error) bool {
	var u *usageError
	return errors.As(err, &u)
}

// say prints what was asked for. A failure fails the command at its end.
func (a *app) say(format string, args ...any) {
	if _, err := fmt.Fprintf(a.out, format, args...); err != nil && a.lost == nil {
		a.lost = fmt.Errorf("print the answer: %w", err)
	}
}

// note prints a remark to the one who watches; nothing depends on it.
func (a *app) note(format string, args ...any) { _, _ = fmt.Fprintf(a.remarks, format, args...) }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "certverify DOSSIER --log-key KEY",
		Short: "Verifies what a certification ledger has handed out, offline",
		Long: `certverify checks a dossier from its bytes on: who signed it, that every entry
stands in the log, that none is missing, that acts of two people had both, and
that the rules, applied to the entries anew, lead to every detail of the recorded
decision. DOSSIER is a zip as it was handed out, or the folder that it unpacks to.

Trust comes from you: the log's verifier key, from a place that is not the
dossier. certverify uses no network.`,
		Example: `  certverify d1.zip --log-key log.vkey
  certverify d1/ --policy policy.txt -o json
  certverify export ledger.jsonl --checkpoint checkpoint --log-key log.vkey`,
		Version:       version(),
		Args:          takes(1, "one dossier: a zip or a folder"),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.help = cmd.CommandPath()
			if a.output != asText && a.output != asJSON {
				return usage("--output can be %s or %s", asText, asJSON)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.dossier(args[0]) },
	}
	a.help = root.CommandPath()
	root.SetOut(a.out)
	root.SetErr(a.remarks)
	root.SetVersionTemplate("certverify {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		a.help = cmd.CommandPath()
		return usage("%s", err)
	})
	f := root.PersistentFlags()
	f.StringArrayVar(&a.logKeys, "log-key", nil, "the log's verifier `key`, or a file with it; again for each key of a log that has changed its key")
	f.StringVar(&a.policy, "policy", "", "`file` that says whom to trust, witnesses too, in place of --log-key")
	f.BoolVar(&a.unknown, "allow-unknown-signatures", false, "accept, and do not count, signatures by keys that you did not name")
	f.StringVarP(&a.output, "output", "o", asText, "print as text or json")
	root.AddCommand(a.exportCommand(), a.proofCommand())
	return root
}

// takes says how many arguments a command needs, in words that name them.
func takes(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("%s takes %s, and got %d arguments", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}

// trust is what the flags say about whom to trust.
func (a *app) trust() (*proof.Policy, error) {
	var p *proof.Policy
	switch {
	case a.policy != "" && len(a.logKeys) > 0:
		return nil, usage("--policy and --log-key exclude each other: a policy names the keys itself")
	case a.policy != "":
		text, err := readSmall(a.policy, proof.PolicyMax)
		if err != nil {
			return nil, usage("--policy: %s", err)
		}
		if p, err = proof.ParsePolicy(text); err != nil {
			return nil, usage("--policy: %s", err)
		}
	case len(a.logKeys) > 0:
		keys, err := a.keys()
		if err != nil {
			return nil, err
		}
		if p, err = proof.NewPolicy(proof.Trust{LogKeys: keys}); err != nil {
			return nil, usage("--log-key: %s; there is no file of that name either", err)
		}
	default:
		return nil, usage("please say whom to trust: --log-key KEY or --policy FILE, from a place that is not what you verify")
	}
	p.AllowUnknown = a.unknown
	return p, nil
}

// keyFileMax is the longest file with keys, in bytes.
const keyFileMax = 64 << 10

// keys are the verifier keys given, read from files where they are such.
func (a *app) keys() ([]string, error) {
	var keys []string
	for _, given := range a.logKeys {
		if _, err := os.Stat(given); err != nil {
			keys = append(keys, given)
			continue
		}
		text, err := readSmall(given, keyFileMax)
		if err != nil {
			return nil, usage("--log-key: %s", err)
		}
		lines := strings.Fields(string(text))
		if len(lines) == 0 {
			return nil, usage("--log-key: the file %s is empty", given)
		}
		keys = append(keys, lines...)
	}
	return keys, nil
}

// readSmall reads a file that has a largest size.
func readSmall(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("the file %s is longer than %d bytes", name, most)
	}
	return b, nil
}

// printable is a text of somebody else's as a terminal may show it.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// version is the commit this was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	commit := set["vcs.revision"]
	if commit == "" {
		return "unversioned " + info.GoVersion
	}
	commit = commit[:min(12, len(commit))]
	if set["vcs.modified"] == "true" {
		commit += " with changes"
	}
	day, _, _ := strings.Cut(set["vcs.time"], "T")
	return strings.TrimSpace(commit+" "+day) + " " + info.GoVersion
}

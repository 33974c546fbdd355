package main

import (
	"errors"
	"fmt"

	"github.com/certledger/certledger/domain/programme"
	"github.com/spf13/cobra"
)

func (a *app) programme() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "programme",
		Short: "Check, show, compare, test and publish the rules of a programme",
		Example: `  certledger programme check rules.yaml
  certledger programme show rules.yaml
  certledger programme test rules.yaml cases.yaml`,
	}
	cmd.AddCommand(a.programmeCheck(), a.programmeShow(), a.programmeDiff(), a.programmeTest(), a.programmeSchema(), a.programmeFramework(), a.programmePublish(), a.programmeReport())
	return cmd
}

func (a *app) programmeCheck() *cobra.Command {
	var against string
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Say every mistake in a programme, with its place",
		Long: `Say every mistake in a programme, with its place, and which values are still to be
supplied before it can be published. It is proved that somebody without any facts
earns nothing. An overlay is laid over its base, which is looked for beside the
file and among the programmes that come with the ledger. The status is 1 if any
file has a mistake.`,
		Example: `  certledger programme check domain/programmes/peerworks-core-essentials.yaml
  certledger programme check -o json rules/*.yaml
  certledger programme check --against rules-1.yaml rules-2.yaml
  certledger programme check - < rules.yaml`,
		Args: takes(1, -1, "the programme's FILE, or - for the standard input"),
	}
	form := outputFlag(cmd, formatText, formatJSON)
	cmd.Flags().StringVar(&against, "against", "", "also refuse what does not fit as the next version of this `programme`, or as laid over it")
	cmd.RunE = func(_ *cobra.Command, files []string) error {
		old, err := a.earlier(against)
		if err != nil {
			return err
		}
		var all []checkedFile
		bad, mistakes := 0, 0
		for _, file := range files {
			c, err := a.check(file, old)
			if err != nil {
				return err
			}
			if len(c.mistakes) > 0 {
				bad++
				mistakes += len(c.mistakes)
			}
			if *form == formatText {
				a.tellChecked(c)
			}
			all = append(all, c)
		}
		switch {
		case *form == formatJSON:
			if err := printJSON(a.out, all); err != nil {
				return err
			}
		case len(files) > 1 && bad > 0:
			a.note("%d of %d files in order, %s in the others\n", len(files)-bad, len(files), counted(mistakes, "mistake"))
		case len(files) > 1:
			a.say("%d files in order\n", len(files))
		}
		if bad > 0 {
			return errTold
		}
		return nil
	}
	return cmd
}

// checkedFile is a programme, or the mistakes in it.
type checkedFile struct {
	File      string        `json:"file"`
	Programme string        `json:"programme,omitempty"`
	Version   int           `json:"version,omitempty"`
	Digest    string        `json:"digest,omitempty"`
	Required  []string      `json:"required,omitempty"` // values that are to be supplied before publishing
	Mistakes  []toldMistake `json:"mistakes,omitempty"`

	mistakes programme.Errors
	p        *programme.Programme
}

// toldMistake is a mistake as JSON. Line and column are from 1, and 0 where no
// place is known.
type toldMistake struct {
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Excerpt string `json:"excerpt,omitempty"`
}

// earlier is the programme that others are checked against, or nil.
func (a *app) earlier(name string) (*programme.Programme, error) {
	if name == "" {
		return nil, nil
	}
	return a.inOrder(name)
}

func (a *app) check(file string, old *programme.Programme) (checkedFile, error) {
	c := checkedFile{File: file}
	p, err := a.parseProgramme(file)
	if err == nil && old != nil {
		if err = p.Follows(old); err == nil {
			err = p.Against(old)
		}
	}
	if errors.As(err, &c.mistakes) {
		for _, m := range c.mistakes {
			c.Mistakes = append(c.Mistakes, toldMistake{m.Line, m.Column, m.Path, m.Message, m.Hint, m.Excerpt})
		}
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.p, c.Programme, c.Version, c.Digest, c.Required = p, p.ID, p.Version, p.Digest, p.Required
	return c, nil
}

func (a *app) tellChecked(c checkedFile) {
	if len(c.mistakes) > 0 {
		a.tellMistakes(c.File, c.mistakes)
		return
	}
	a.say("%s: %s version %d is in order (%s)\n", c.File, c.Programme, c.Version, c.Digest)
	if still := c.p.StillRequired(); still != "" {
		a.say("  %s\n", still)
	}
}

// tellMistakes prints mistakes as a compiler does.
func (a *app) tellMistakes(file string, mistakes programme.Errors) {
	name := file
	if file == "-" {
		name = "stdin"
	}
	for _, m := range mistakes {
		a.note("%s", m.Format(name))
	}
	a.note("%s: %s\n", name, counted(len(mistakes), "mistake"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

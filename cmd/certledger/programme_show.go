package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/domain/programmes"
	"github.com/spf13/cobra"
)

const formatMarkdown format = "md"

// words is what can be told as a page, on a terminal, or to a program.
type words interface {
	Markdown() string
	Text() string
}

func (a *app) programmeShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show FILE|ID[@VERSION]",
		Short: "Print the rules of a programme as a document for people",
		Long: `Print the rules of a programme as a document for people: what is asked and who
decides, every requirement with its test in plain words, and all that results
depend on. A programme that comes with the ledger can be named by its id.`,
		Example: `  certledger programme show rules.yaml > rules.md
  certledger programme show peerworks-core-essentials@1 -o text`,
		Args: takes(1, 1, "the programme's FILE, or the ID of one that comes with the ledger"),
	}
	form := outputFlag(cmd, formatMarkdown, formatText, formatJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		p, err := a.inOrder(args[0])
		if err != nil {
			return err
		}
		return a.tell(programme.Describe(p), *form)
	}
	return cmd
}

func (a *app) programmeDiff() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff FROM TO",
		Short: "Say in words what changes from one programme to another",
		Long: `Say in words what changes from one programme to another: two versions, or a base
and what is laid over it. Each is a file or the ID[@VERSION] of a programme that
comes with the ledger. Comments and the order of names change nothing.`,
		Example: `  certledger programme diff peerworks-core-essentials@1 peerworks-core-essentials@2
  certledger programme diff -o text old.yaml new.yaml`,
		Args: takes(2, 2, "two programmes, FROM and TO"),
	}
	form := outputFlag(cmd, formatMarkdown, formatText, formatJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		from, err := a.inOrder(args[0])
		if err != nil {
			return err
		}
		to, err := a.inOrder(args[1])
		if err != nil {
			return err
		}
		return a.tell(programme.Diff(from, to), *form)
	}
	return cmd
}

func (a *app) programmeSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a programme, for editors",
		Example: `  certledger programme schema > programme.schema.json
  # and in the first line of a programme:
  # yaml-language-server: $schema=programme.schema.json`,
		Args: takes(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			a.say("%s", programme.Schema())
			return nil
		},
	}
}

func (a *app) programmeFramework() *cobra.Command {
	return &cobra.Command{
		Use:   "framework [NAME]",
		Short: "Print sections that any programme may copy, or list them",
		Long: `Print sections that any programme may copy: a rubric of competencies, and lists of
topics that modules cover, with the sources they rest on. Without NAME they are
listed. A programme holds its own copy, so that what is published is whole.`,
		Example: `  certledger programme framework
  certledger programme framework competencies`,
		Args: takes(0, 1, "the NAME of a framework"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				a.say("%s\n", strings.Join(programmes.Frameworks(), "\n"))
				return nil
			}
			src, ok := programmes.Framework(args[0])
			if !ok {
				return fmt.Errorf("there is no framework %s; there is %s", args[0], strings.Join(programmes.Frameworks(), ", "))
			}
			a.say("%s", src)
			return nil
		},
	}
}

// inOrder is a programme without mistakes; those of another are printed.
func (a *app) inOrder(name string) (*programme.Programme, error) {
	p, _, err := a.readProgramme(name)
	var mistakes programme.Errors
	if errors.As(err, &mistakes) {
		return nil, errTold
	}
	return p, err
}

func (a *app) tell(w words, form format) error {
	switch form {
	case formatJSON:
		return printJSON(a.out, w)
	case formatMarkdown:
		_, err := fmt.Fprint(a.out, w.Markdown())
		return err
	}
	_, err := fmt.Fprint(a.out, w.Text())
	return err
}

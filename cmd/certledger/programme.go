package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/spf13/cobra"
)

func (a *app) programme() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "programme",
		Short: "Check, test and publish the rules of a programme",
		Example: `  certledger programme check rules.yaml
  certledger programme test rules.yaml cases.yaml`,
	}
	cmd.AddCommand(a.programmeCheck(), a.programmeTest(), a.programmePublish())
	return cmd
}

func (a *app) programmeCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE...",
		Short: "Say every mistake in a programme, with its place",
		Example: `  certledger programme check domain/programmes/peerworks-core-essentials.yaml
  certledger programme check - < rules.yaml`,
		Args: takes(1, -1, "the programme's FILE, or - for the standard input"),
		RunE: func(_ *cobra.Command, files []string) error {
			bad := 0
			for _, file := range files {
				p, _, err := a.readProgramme(file)
				var mistakes programme.Errors
				switch {
				case errors.As(err, &mistakes):
					bad++
				case err != nil:
					return err
				default:
					a.say("%s: %s version %d is in order (%s)\n", file, p.ID, p.Version, p.Digest)
				}
			}
			if bad > 0 {
				return errTold
			}
			return nil
		},
	}
}

// readProgramme reads and parses a file; - is the standard input. Mistakes in it
// are printed as a compiler does, and also returned, as programme.Errors.
func (a *app) readProgramme(file string) (*programme.Programme, []byte, error) {
	src, err := a.readFile(file)
	if err != nil {
		return nil, nil, err
	}
	p, err := domain.ReadProgramme(src)
	var mistakes programme.Errors
	if errors.As(err, &mistakes) {
		name := file
		if file == "-" {
			name = "stdin"
		}
		for _, m := range mistakes {
			a.note("%s", m.Format(name))
		}
		n := "1 mistake"
		if len(mistakes) > 1 {
			n = fmt.Sprintf("%d mistakes", len(mistakes))
		}
		a.note("%s: %s\n", name, n)
	}
	return p, src, err
}

func (a *app) readFile(file string) ([]byte, error) {
	if file == "-" {
		return readAll(a.in)
	}
	src, err := os.ReadFile(file)
	if err != nil {
		if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a folder; give a file", strings.TrimSuffix(file, "/"))
		}
		return nil, errors.New(plain(err))
	}
	return src, nil
}

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/certledger/certledger/domain/cases"
	"github.com/spf13/cobra"
)

func (a *app) programmeTest() *cobra.Command {
	var quiet bool
	cmd := &cobra.Command{
		Use:   "test PROGRAMME CASES...",
		Short: "Run worked cases against a programme",
		Long: `Run worked cases against a programme: each is a history told in order, and what
the ledger must then say. They pass through the same rules as on a server, in
memory. The last line counts, and the status is 1 if any failed.`,
		Example: `  certledger programme test rules.yaml cases.yaml
  certledger programme test --failures rules.yaml cases/*.yaml
  certledger programme test -o json rules.yaml cases.yaml`,
		Args: takes(2, -1, "a PROGRAMME and at least one file of CASES"),
	}
	form := outputFlag(cmd, formatText, formatJSON, formatTable, formatCSV)
	cmd.Flags().BoolVar(&quiet, "failures", false, "leave out the cases that pass")
	cmd.RunE = func(_ *cobra.Command, files []string) error {
		src, err := a.wholeRules(files[0])
		if err != nil {
			return err
		}
		var reports []cases.Report
		failed := 0
		for _, file := range files[1:] {
			told, err := a.readFile(file)
			if err != nil {
				return err
			}
			r, err := cases.Run(cases.Config{
				Programme: src, Name: files[0], Cases: told, CasesName: file, Zone: time.LoadLocation,
				Find: beside(filepath.Dir(files[0])),
			})
			var mistakes *cases.FileError
			if errors.As(err, &mistakes) {
				a.note("%s\n", mistakes)
				return errTold
			} else if err != nil {
				return err
			}
			failed += r.Failed
			reports = append(reports, r)
		}
		if *form == formatText {
			_, err = fmt.Fprint(a.out, cases.Text(shown(reports, quiet)...))
		} else {
			err = outcomes(shown(reports, quiet)).print(a.out, *form)
		}
		if err == nil && failed > 0 {
			return errTold
		}
		return err
	}
	return cmd
}

// shown leaves out what passed, and keeps the numbers.
func shown(reports []cases.Report, failuresOnly bool) []cases.Report {
	if !failuresOnly {
		return reports
	}
	var out []cases.Report
	for _, r := range reports {
		all := r.Cases
		r.Cases = nil
		for _, o := range all {
			if !o.Passed && o.Skipped == "" {
				r.Cases = append(r.Cases, o)
			}
		}
		out = append(out, r)
	}
	return out
}

// outcomes lists cases and what became of them.
func outcomes(reports []cases.Report) list {
	out := list{heading: []string{"file", "case", "outcome", "basis", "title"}, values: reports}
	for _, r := range reports {
		for _, o := range r.Cases {
			outcome := "failed"
			switch {
			case o.Skipped != "":
				outcome = "skipped"
			case o.Passed:
				outcome = "passed"
			}
			out.rows = append(out.rows, []string{r.File, o.ID, outcome, o.Basis, o.Title})
		}
	}
	return out
}

package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

// format is how a list is printed.
type format string

const (
	formatTable format = "table"
	formatText  format = "text" // for what is a story and not a list
	formatJSON  format = "json"
	formatCSV   format = "csv"
)

// outputFlag is -o, whose first form is the default.
func outputFlag(cmd *cobra.Command, forms ...format) *format {
	f := forms[0]
	value := &formatValue{&f, forms}
	cmd.Flags().VarP(value, "output", "o", "print as "+value.known(" or "))
	_ = cmd.RegisterFlagCompletionFunc("output", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return strings.Split(value.known(","), ","), cobra.ShellCompDirectiveNoFileComp
	})
	return &f
}

type formatValue struct {
	is    *format
	forms []format
}

func (v *formatValue) known(separator string) string {
	names := make([]string, len(v.forms))
	for i, f := range v.forms {
		names[i] = string(f)
	}
	return strings.Join(names, separator)
}

func (v *formatValue) String() string { return string(*v.is) }
func (v *formatValue) Type() string   { return "form" }
func (v *formatValue) Set(s string) error {
	for _, f := range v.forms {
		if s == string(f) {
			*v.is = f
			return nil
		}
	}
	return errors.New("it can be " + v.known(" or "))
}

// list is rows under a heading; values are what JSON shows instead.
type list struct {
	heading []string
	rows    [][]string
	values  any
	right   []string // headings of columns of numbers
}

func (l list) print(w io.Writer, f format) error {
	switch f {
	case formatJSON:
		return printJSON(w, l.values)
	case formatCSV:
		c := csv.NewWriter(w)
		_ = c.Write(l.heading)
		for _, row := range l.rows {
			_ = c.Write(guarded(row))
		}
		c.Flush()
		return c.Error()
	}
	t := table.NewWriter()
	t.SetOutputMirror(w)
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	t.SetStyle(style)
	var columns []table.ColumnConfig
	for _, name := range l.right {
		columns = append(columns, table.ColumnConfig{Name: name, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	t.AppendHeader(cells(l.heading))
	for _, row := range l.rows {
		t.AppendRow(cells(row))
	}
	t.Render()
	return nil
}

func cells(values []string) table.Row {
	row := make(table.Row, len(values))
	for i, v := range values {
		row[i] = v
	}
	return row
}

// guarded keeps a spreadsheet from taking a value for a formula.
func guarded(row []string) []string {
	out := make([]string, len(row))
	for i, v := range row {
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			v = "'" + v
		}
		out[i] = v
	}
	return out
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// plain is an error of the file system in words for people.
func plain(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "there is no file " + p.Path
		case errors.Is(err, fs.ErrPermission):
			return p.Path + " is not readable for you"
		}
	}
	return err.Error()
}

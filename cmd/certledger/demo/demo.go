// Package demo is the story that `certledger demo` plays: one cohort, its
// people, what they did, and what the ledger must then say of each.
package demo

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/goccy/go-yaml"
)

//go:embed spring-2026-evening.yaml
var source []byte

// ClassesMax is the number of the last class; classes are numbered from 1.
const ClassesMax = 17

// RowsMax is the number of the last row of the decision table.
const RowsMax = 20

// A Story is a cohort, those who work for it, and those who took part.
type Story struct {
	Programme  string                 `yaml:"programme"`
	TimeZone   string                 `yaml:"time-zone"`
	Cohort     Cohort                 `yaml:"cohort"`
	Staff      map[string]Staff       `yaml:"staff"` // by role
	Trainers   []string               `yaml:"trainers"`
	Supervisor string                 `yaml:"supervisor"`
	Calendar   map[string]domain.Date `yaml:"calendar"`
	People     []Person               `yaml:"people"`
}

// Cohort is the timetable.
type Cohort struct {
	Code     string          `yaml:"code"`
	Mode     string          `yaml:"mode"`
	BeginsAt string          `yaml:"begins-at"` // 18:00, in the story's time zone
	Minutes  int             `yaml:"minutes"`
	Classes  [][]domain.Date `yaml:"classes"`
}

// Days are the days of the classes in order.
func (c Cohort) Days() []domain.Date {
	var out []domain.Date
	for _, row := range c.Classes {
		out = append(out, row...)
	}
	return out
}

// Staff is somebody who works for the certifying body.
type Staff struct {
	Name string `yaml:"name"`
}

// Person is a participant: what they did, and what must come of it. An empty
// field is something that did not happen.
type Person struct {
	Name        string         `yaml:"name"`
	Row         int            `yaml:"row"` // of the decision table; 0 for somebody who shows something else
	Shows       string         `yaml:"shows"`
	Missed      []int          `yaml:"missed"`
	Partly      map[int]int    `yaml:"partly"`      // class to minutes, long enough to count
	Excused     map[int]string `yaml:"excused"`     // class to reason
	MakeUp      *MakeUp        `yaml:"make-up"`     // assigned
	Evaluation  string         `yaml:"evaluation"`  // by each trainer
	Evaluations []string       `yaml:"evaluations"` // one a trainer, where they differ
	Conditions  []Condition    `yaml:"conditions"`
	Waived      *Waived        `yaml:"waived"`
	Practicum   *Practicum     `yaml:"practicum"`
	Decided     string         `yaml:"decided"`
	Certified   bool           `yaml:"certified"`
	Corrected   *Corrected     `yaml:"corrected"` // after the decision
	Withdrew    domain.Date    `yaml:"withdrew"`
	NoShow      bool           `yaml:"no-show"`
	Expect      Expect         `yaml:"expect"`
}

// MakeUp is make-up work that a trainer assigned.
type MakeUp struct {
	Session int         `yaml:"session"`
	Done    domain.Date `yaml:"done"`
}

// Condition is something that a trainer asks for before Level 1R.
type Condition struct {
	Due domain.Date `yaml:"due"`
	Met domain.Date `yaml:"met"`
}

// Waived is an exception that two people agreed to.
type Waived struct {
	Requirement string `yaml:"requirement"`
	Session     int    `yaml:"session"`
	Reason      string `yaml:"reason"`
}

// Practicum is one entry of hours a week, and how many of the intervals have
// their report and their evaluation.
type Practicum struct {
	Weeks       []int `yaml:"weeks"` // minutes
	Reports     int   `yaml:"reports"`
	Evaluations int   `yaml:"evaluations"`
}

// Corrected is a correction of attendance.
type Corrected struct {
	Session int         `yaml:"session"`
	Status  string      `yaml:"status"`
	On      domain.Date `yaml:"on"`
	Reason  string      `yaml:"reason"`
}

// Expect is what the ledger must say at the end; only what is given counts.
type Expect struct {
	Earned      string   `yaml:"earned"`
	Granted     string   `yaml:"granted"`
	Status      string   `yaml:"status"`
	Flags       []string `yaml:"flags"`
	NotFlags    []string `yaml:"not-flags"`
	Binding     []string `yaml:"binding"`
	Provisional []string `yaml:"provisional"`
	Counted     *int     `yaml:"counted"` // minutes of practicum that count
}

// First and Last are the two parts of a name.
func (p Person) First() string { first, _, _ := strings.Cut(p.Name, " "); return first }

// Last is the family name.
func (p Person) Last() string { _, last, _ := strings.Cut(p.Name, " "); return last }

// Read reads the story that ships with the binary.
func Read() (*Story, error) {
	var s Story
	if err := yaml.UnmarshalWithOptions(source, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the demo's story: %s", yaml.FormatError(err, false, true))
	}
	return &s, s.check()
}

func (s *Story) check() error {
	var problems []error
	if n := len(s.Cohort.Days()); n != ClassesMax {
		problems = append(problems, fmt.Errorf("the cohort has %d classes, not %d", n, ClassesMax))
	}
	rows := map[int]bool{}
	names := map[string]bool{}
	for _, p := range s.People {
		rows[p.Row] = true
		if p.Last() == "" || names[p.Name] || p.Shows == "" {
			problems = append(problems, fmt.Errorf("%s needs two names of their own and what they show", p.Name))
		}
		names[p.Name] = true
		if len(p.Evaluations) > 0 && len(p.Evaluations) != len(s.Trainers) {
			problems = append(problems, fmt.Errorf("%s has %d evaluations from %d trainers", p.Name, len(p.Evaluations), len(s.Trainers)))
		}
	}
	for row := 1; row <= RowsMax; row++ {
		if !rows[row] {
			problems = append(problems, fmt.Errorf("nobody shows row %d of the decision table", row))
		}
	}
	return errors.Join(problems...)
}

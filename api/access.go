package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
)

// group is what an operation's data is about.
type group string

// action is what an operation does with it.
type action string

// scope is how far a role reaches.
type scope string

// The scopes. Everything but any is looked up for the one object concerned.
const (
	scopeNone       scope = "-"
	scopeAny        scope = "any"
	scopeCohort     scope = "cohort"     // cohorts in which the attester is assigned, and their registrations
	scopeSupervisee scope = "supervisee" // registrations to which the attester is assigned in that role
	scopeSelf       scope = "self"       // the participant's own
)

// accessTable says who may do what with which data: the one place. A word under
// a role is how far it reaches. What the rules ask beyond it (two people, those
// whom the programme names, nobody for themselves) they ask themselves.
//
// Nobody opens sealed data by it: the opening table says who may. An auditor
// reads, and writes nothing but that a sample was drawn.
const accessTable = `
data            action    registrar trainer supervisor coordinator certifier appeals-panel author auditor privacy-officer integrator administrator participant review-board referee examiner provider employer
programmes      read      any       any     any        any         any       any           any    any     any             any        any           any         any          any     any      any      any
programmes      propose   -         -       -          -           any       -             any    -       -               -          any           -           -            -       -        -        -
programmes      approve   -         -       -          -           any       -             any    -       -               -          any           -           -            -       -        -        -
programmes      withdraw  -         -       -          -           any       -             any    -       -               -          any           -           -            -       -        -        -
cohorts         read      any       cohort  -          any         any       any           any    any     any             any        any           self        any          -       -        -        -
cohorts         manage    any       -       -          any         -         -             -      -       -               -          any           -           -            -       -        -        -
cohorts         release   any       cohort  -          any         -         -             -      -       -               -          any           -           -            -       -        -        -
attesters       read      any       -       -          any         any       any           -      any     any             any        any           -           any          -       -        -        -
attesters       manage    any       -       -          any         -         -             -      -       -               -          any           -           -            -       -        -        -
registrations   read      any       cohort  supervisee any         any       any           -      any     any             any        any           self        any          -       -        -        -
registrations   register  any       -       -          -           -         -             -      -       -               any        any           self        -            -       -        -        -
registrations   manage    any       -       -          any         -         -             -      -       -               -          any           -           -            -       -        -        -
registrations   withdraw  any       -       -          any         -         -             -      -       -               -          any           self        -            -       -        -        -
registrations   consent   any       -       -          any         -         -             -      -       -               any        any           self        -            -       -        -        -
registrations   notify    any       -       -          any         any       any           -      -       -               any        any           -           any          -       -        -        -
rosters         read      any       cohort  -          any         any       any           -      any     any             any        any           -           any          -       -        -        -
attendance      record    any       cohort  -          any         any       -             -      -       -               any        any           self        -            -       -        -        -
attendance      correct   any       cohort  -          any         any       any           -      -       -               -          any           -           any          -       -        -        -
accommodations  record    any       cohort  supervisee any         any       any           -      -       -               -          any           self        any          -       -        -        -
accommodations  answer    any       -       -          any         any       any           -      -       -               -          any           -           any          -       -        -        -
evidence        record    any       cohort  supervisee any         any       any           -      -       -               any        any           self        any          supervisee supervisee supervisee supervisee
evidence        sign      any       cohort  supervisee any         any       -             -      -       -               -          any           -           -            supervisee supervisee supervisee supervisee
evidence        dispute   any       cohort  supervisee any         any       any           -      -       -               -          any           self        any          -       -        -        -
evidence        answer    any       cohort  supervisee any         any       any           -      -       -               -          any           -           any          -       -        -        -
evidence        correct   any       cohort  supervisee any         any       any           -      -       -               any        any           self        any          -       -        -        -
evidence        void      any       cohort  supervisee any         any       any           -      -       -               -          any           self        any          -       -        -        -
judgements      record    any       cohort  supervisee any         any       any           -      -       -               -          any           self        any          supervisee supervisee supervisee supervisee
tasks           set       any       cohort  supervisee any         any       -             -      -       -               -          any           -           -            -       -        -        -
tasks           fulfil    any       cohort  supervisee any         any       -             -      -       -               any        any           self        -            -       -        -        -
tasks           confirm   any       cohort  supervisee any         any       -             -      -       -               -          any           -           -            -       -        -        -
submissions     file      any       -       -          any         any       -             -      -       -               any        any           self        -            -       -        -        -
submissions     answer    any       cohort  supervisee any         any       any           -      -       -               -          any           -           any          -       -        -        -
submissions     withdraw  any       -       -          any         any       -             -      -       -               any        any           self        -            -       -        -        -
proposals       propose   any       cohort  -          any         any       any           -      -       -               -          any           -           any          -       -        -        -
proposals       approve   any       cohort  -          any         any       any           -      -       -               -          any           -           any          -       -        -        -
decisions       read      any       cohort  supervisee any         any       any           -      any     any             any        any           self        any          -       -        -        -
decisions       decide    -         cohort  -          any         any       any           -      -       -               -          any           -           any          -       -        -        -
reviews         assign    any       cohort  -          any         any       any           -      -       -               -          any           -           any          -       -        -        -
reviews         close     -         cohort  -          any         any       any           -      -       -               -          any           -           any          -       -        -        -
persons         read      any       -       -          any         any       any           -      any     any             any        any           self        any          -       -        -        -
persons         correct   any       -       -          -           -         -             -      -       any             -          any           self        -            -       -        -        -
due             read      any       -       -          any         any       -             -      any     -               -          any           self        -            -       -        -        -
worklists       read      any       cohort  supervisee any         any       any           -      any     -               any        any           -           any          -       -        -        -
ledger          read      -         -       -          -           -         -             -      any     any             any        any           -           -            -       -        -        -
ledger          export    -         -       -          -           -         -             -      any     -               -          any           -           -            -       -        -        -
proofs          read      any       any     any        any         any       any           any    any     any             any        any           any         any          any     any      any      any
signing-keys    read      any       any     any        any         any       any           any    any     any             any        any           any         any          any     any      any      any
signing-keys    rotate    -         -       -          -           -         -             -      -       any             -          any           -           -            -       -        -        -
audits          read      -         -       -          -           any       any           -      any     any             -          any           -           any          -       -        -        -
audits          record    -         -       -          -           -         -             -      any     any             -          any           -           -            -       -        -        -
dossiers        read      -         -       -          any         any       any           -      any     any             -          any           self        any          -       -        -        -
rehearsals      read      -         -       -          any         any       any           any    any     -               -          any           -           any          -       -        -        -
reports         read      any       -       -          any         any       any           any    any     -               -          any           -           any          -       -        -        -
tokens          read      -         -       -          -           -         -             -      any     -               -          any           -           -            -       -        -        -
tokens          manage    -         -       -          -           -         -             -      -       -               -          any           -           -            -       -        -        -
`

// permission is one row's name.
type permission struct {
	action action
	group  group
}

// row is one row of the table: how far each role reaches, by its name.
type row map[string]scope

// access is the table as it is looked up. It is never changed.
var access, accessRoles = readAccess(accessTable)

// readAccess reads the table; a malformed one is our fault.
func readAccess(table string) (map[permission]row, []string) {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	roles := strings.Fields(lines[0])[2:]
	out := map[permission]row{}
	for _, line := range lines[1:] {
		words := strings.Fields(line)
		if len(words) != len(roles)+2 {
			panic("api: a row of the access table has " + itoa(len(words)) + " words: " + line)
		}
		p := permission{action: action(words[1]), group: group(words[0])}
		if _, twice := out[p]; twice {
			panic("api: the access table has a row twice: " + line)
		}
		r := row{}
		for i, role := range roles {
			s := scope(words[i+2])
			if !slices.Contains([]scope{scopeNone, scopeAny, scopeCohort, scopeSupervisee, scopeSelf}, s) {
				panic("api: the access table has an unknown scope: " + line)
			}
			r[role] = s
		}
		out[p] = r
	}
	return out, roles
}

// row is the row of a permission. An operation without one is our fault.
func (p permission) row() row {
	r, ok := access[p]
	if !ok {
		panic(fmt.Sprintf("api: the access table has no row for %s %s", p.group, p.action))
	}
	return r
}

// reach is how far a role reaches with a permission.
func (p permission) reach(role string) scope {
	if s, ok := p.row()[role]; ok {
		return s
	}
	return scopeNone
}

// sentence says who may, for the reference.
func (p permission) sentence() string {
	words := map[scope]string{
		scopeCohort: " (own cohorts)", scopeSupervisee: " (own supervisees)", scopeSelf: " (own registrations only)",
	}
	var who []string
	for _, role := range accessRoles {
		if s := p.reach(role); s != scopeNone {
			who = append(who, role+words[s])
		}
	}
	return "Who may: " + strings.Join(who, ", ") + "."
}

// assigned reports whether an attester is in a list of assignments and has not
// left. Somebody whose part begins later may look ahead.
func assigned(list []domain.Assignment, attester, role string, today domain.Date) bool {
	return slices.ContainsFunc(list, func(a domain.Assignment) bool {
		return attester != "" && a.Attester == attester && a.Role == role && (a.Until == "" || a.Until >= today)
	})
}

// reaches reports whether an actor in a role reaches the object that facts are
// of: a registration, or a cohort.
func reaches(s scope, by domain.Actor, role string, f domain.Facts, today domain.Date) bool {
	attester, _ := strings.CutPrefix(string(by), string(domain.KindAttester)+"/")
	if attester == string(by) {
		attester = ""
	}
	switch s {
	case scopeAny:
		return true
	case scopeCohort:
		return f.Cohort != nil && assigned(f.Cohort.Attesters, attester, role, today) ||
			f.Standing != nil && assigned(f.Standing.Attesters, attester, role, today)
	case scopeSupervisee:
		return f.Standing != nil && assigned(f.Standing.Attesters, attester, role, today)
	case scopeSelf:
		return f.Standing != nil && by == domain.PersonActor(f.Standing.Person)
	}
	return false
}

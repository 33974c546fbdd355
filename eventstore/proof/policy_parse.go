package proof

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const (
	// PolicyMax is the longest policy file, in bytes.
	PolicyMax = 256 << 10

	logsMax      = 32
	witnessesMax = 32
	groupsMax    = 32

	policyPart = "policy"
	nobody     = "none" // the quorum that asks for nobody
)

// quorum is a group of a policy: so many of its members.
type quorum struct {
	needed int
	of     []member
}

// member of a quorum is another one, or a witness by its place in the policy.
type member struct {
	group   *quorum
	witness int
}

// metBy tells whether those who cosigned are enough. Nobody is enough for nil.
func (q *quorum) metBy(signed []Cosignature, witnesses []Witness) bool {
	if q == nil {
		return true
	}
	met := 0
	for _, m := range q.of {
		if m.group != nil {
			if m.group.metBy(signed, witnesses) {
				met++
			}
			continue
		}
		key := witnesses[m.witness].Key()
		if slices.ContainsFunc(signed, func(c Cosignature) bool { return c.Key == key }) {
			met++
		}
	}
	return met >= q.needed
}

// ParsePolicy reads a policy file, C2SP tlog-policy, about one log:
//
//	log <vkey> [<url>]
//	witness <name> <vkey> [<url>]
//	group <name> any|all|<k> <name>...
//	quorum <name>|none
//
// Names stand in lines before those that use them, each in one group at most, so
// that nobody counts twice. Errors wrap ErrPolicy or ErrKey and name the line.
func ParsePolicy(text []byte) (*Policy, error) {
	if len(text) > PolicyMax {
		return nil, fault(ErrPolicy, policyPart, "it is longer than %d bytes", PolicyMax)
	}
	if bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' || r == 0x7f }) {
		return nil, fault(ErrPolicy, policyPart, "it holds a control character that is neither tab nor newline")
	}
	lines, ended := strings.CutSuffix(string(text), "\n")
	if !ended {
		return nil, fault(ErrPolicy, policyPart, "its last line does not end: was it cut short?")
	}
	b := policyReader{policy: &Policy{}, members: map[string]member{}, used: map[string]bool{}}
	for i, line := range strings.Split(lines, "\n") {
		if err := b.line(fieldsOf(line)); err != nil {
			return nil, inPlace("line", i, err)
		}
	}
	if !b.decided {
		return nil, fault(ErrPolicy, policyPart, "it has no quorum line; without witnesses it is: quorum none")
	}
	return b.policy.ready()
}

// fieldsOf splits at spaces and tabs alone: other octets are parts of names.
func fieldsOf(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
}

// policyReader is what is known of a policy so far.
type policyReader struct {
	policy  *Policy
	members map[string]member
	used    map[string]bool // names that stand in a group
	groups  int
	decided bool // a quorum line was read
}

func (b *policyReader) line(fields []string) error {
	if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
		return nil
	}
	switch n := len(fields); {
	case fields[0] == "log" && (n == 2 || n == 3):
		return b.policy.addLog(fields[1])
	case fields[0] == "witness" && (n == 3 || n == 4):
		return b.witness(fields[1], fields[2], strings.Join(fields[3:], ""))
	case fields[0] == "group" && n >= 4:
		return b.group(fields[1], fields[2], fields[3:])
	case fields[0] == "quorum" && n == 2:
		return b.quorum(fields[1])
	}
	return fault(ErrPolicy, policyPart, "it is neither log, witness, group nor quorum with what belongs to it")
}

func (b *policyReader) witness(name, vkey, url string) error {
	place := len(b.policy.witnesses)
	if err := b.name(name, member{witness: place}); err != nil {
		return err
	}
	return b.policy.addWitness(name, vkey, url)
}

func (b *policyReader) group(name, threshold string, names []string) error {
	if b.groups++; b.groups > groupsMax {
		return fault(ErrPolicy, policyPart, "it has more than %d groups", groupsMax)
	}
	g := &quorum{needed: neededOf(threshold, len(names))}
	if g.needed < 1 || g.needed > len(names) {
		return fault(ErrPolicy, policyPart, "a group asks for any, all, or a number from 1 to that of its members")
	}
	for _, n := range names {
		m, known := b.members[n]
		if !known || b.used[n] {
			return fault(ErrPolicy, policyPart, "a group's member is not defined before it, or is in a group already")
		}
		b.used[n] = true
		g.of = append(g.of, m)
	}
	return b.name(name, member{group: g})
}

// neededOf is a group's threshold, 0 where it is none.
func neededOf(threshold string, members int) int {
	switch threshold {
	case "any":
		return 1
	case "all":
		return members
	}
	k, err := strconv.Atoi(threshold)
	if err != nil || strconv.Itoa(k) != threshold {
		return 0
	}
	return k
}

func (b *policyReader) quorum(name string) error {
	m, known := b.members[name]
	switch {
	case b.decided:
		return fault(ErrPolicy, policyPart, "it has a second quorum line")
	case name == nobody:
	case !known:
		return fault(ErrPolicy, policyPart, "the quorum's name is not defined before it")
	case m.group != nil:
		b.policy.quorum = m.group
	default:
		b.policy.quorum = &quorum{needed: 1, of: []member{m}}
	}
	b.decided = true
	return nil
}

func (b *policyReader) name(name string, m member) error {
	if _, taken := b.members[name]; taken || name == nobody {
		return fault(ErrPolicy, policyPart, "its name is taken")
	}
	b.members[name] = m
	return nil
}

// addLog trusts one more key of the log.
func (p *Policy) addLog(vkey string) error {
	k, err := logKey(vkey)
	if err != nil {
		return err
	}
	if len(p.logs) > 0 && k.Name() != p.origin {
		return fault(ErrPolicy, policyPart, "it names two logs, and a policy here is about one")
	}
	if err := p.isNew(k); err != nil {
		return err
	}
	if len(p.logs) == logsMax {
		return fault(ErrPolicy, policyPart, "it has more than %d keys of the log", logsMax)
	}
	p.origin = k.Name()
	p.logs = append(p.logs, k)
	return nil
}

// addWitness knows one more witness, under the name of its key where none is
// given.
func (p *Policy) addWitness(name, vkey, url string) error {
	k, err := witnessKey(vkey)
	if err != nil {
		return err
	}
	if err := p.isNew(k); err != nil {
		return err
	}
	if len(p.witnesses) == witnessesMax {
		return fault(ErrPolicy, policyPart, "it has more than %d witnesses", witnessesMax)
	}
	if name == "" {
		name = k.id()
	}
	p.witnesses = append(p.witnesses, Witness{Name: name, URL: url, key: k})
	return nil
}

// isNew refuses a key that is in the policy already, under whatever name: nobody
// counts twice, and no log is its own witness.
func (p *Policy) isNew(k key) error {
	if slices.ContainsFunc(p.logs, k.sameAs) || slices.ContainsFunc(p.witnesses, func(w Witness) bool { return k.sameAs(w.key) }) {
		return fault(ErrPolicy, policyPart, "it has the same key twice")
	}
	return nil
}

// ready makes the look-ups of a policy that is complete.
func (p *Policy) ready() (*Policy, error) {
	if len(p.logs) == 0 {
		return nil, fault(ErrPolicy, policyPart, "it trusts no key of a log")
	}
	var logs, witnesses []note.Verifier
	for _, k := range p.logs {
		logs = append(logs, k.Verifier)
	}
	for _, w := range p.witnesses {
		witnesses = append(witnesses, w.key.Verifier)
	}
	p.byLog, p.byWitness = note.VerifierList(logs...), note.VerifierList(witnesses...)
	p.byAny = note.VerifierList(slices.Concat(logs, witnesses)...)
	return p, nil
}

// inPlace says which of several things of a policy an error is about.
func inPlace(thing string, index int, err error) error {
	return fmt.Errorf("%s %d: %w", thing, index+1, err)
}

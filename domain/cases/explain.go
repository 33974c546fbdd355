package cases

import (
	"fmt"
	"slices"

	"github.com/certledger/certledger/domain"
)

// Explained is a case told to its end and explained as the server would.
type Explained struct {
	ID, Title   string
	Refused     []string // what the rules said to the steps refused
	Explanation domain.Explanation
}

// Explain tells one case of a file, and explains the registration that its last
// steps concern. An empty id is the first case in which a step is refused, or else
// the first in which something holds a level down.
func Explain(c Config, id string) (Explained, error) {
	run, cases, err := c.read()
	if err != nil {
		return Explained{}, err
	}
	for _, fits := range []func(*testCase, Explained) bool{
		func(x *testCase, _ Explained) bool { return x.id == id || id == "" && x.expect.find("refused") != nil },
		func(_ *testCase, e Explained) bool { return id == "" && e.held() },
	} {
		for i := range cases {
			x := &cases[i]
			if x.programme != "" && x.programme != run.p.ID {
				continue
			}
			s, err := run.tell(x)
			if err != nil {
				return Explained{}, err
			}
			if e, err := s.explained(); err == nil && fits(x, e) {
				return e, nil
			}
		}
	}
	return Explained{}, fmt.Errorf("%s has no case %s that could be explained", c.CasesName, id)
}

// held reports whether something holds a level down.
func (e Explained) held() bool {
	return slices.ContainsFunc(e.Explanation.Assessment.Awards, func(a domain.AwardResult) bool { return len(a.Binding) > 0 })
}

func (s *story) explained() (Explained, error) {
	out := Explained{ID: s.c.id, Title: s.c.title}
	for _, t := range s.told {
		if t.refused != nil {
			out.Refused = append(out.Refused, explain(t.refused))
		}
	}
	x := s.standing()
	if !x.Exists() {
		return out, fmt.Errorf("nobody is registered at the end of case %s", s.c.id)
	}
	f := s.ledger.of(x)
	at := s.told[len(s.told)-1].recorded
	out.Explanation = domain.Explain(f.RulesOn(domain.DateOf(at)), domain.Assess(f.Programme, f, at), s.ledger.entries[domain.SubjectOf(domain.KindRegistration, x.Registration)])
	return out, nil
}

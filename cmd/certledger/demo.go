package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/certledger/certledger/cmd/certledger/demo"
	"github.com/certledger/certledger/domain"
	"github.com/spf13/cobra"
)

// demoMark is a file in the data directory of a demo, which holds nothing of
// anybody's: the next demo may replace it.
const demoMark = "demo"

func (a *app) demo() *cobra.Command {
	var (
		f       serveFlags
		asJSON  bool
		program = filepath.Base(os.Args[0])
	)
	if strings.ContainsRune(os.Args[0], filepath.Separator) {
		program = os.Args[0]
	}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve an example: two programmes, invented people, every outcome",
		Long: `Make a ledger, play the evening cohort of spring 2026 through the interface (17
classes and 24 invented people, so that every row of the decision table occurs),
and a few people of another programme, of whom one is in grace, one has lapsed and
one is reinstated; and serve it, with a token for each role and commands worth
trying.

Without --data the ledger lies in a temporary directory and is deleted at the
end. With --data it stays; a demo that is there already is made anew.`,
		Example: `  certledger demo
  certledger demo --listen 127.0.0.1:0 --json
  certledger demo --data example`,
		Args: takes(0, 0, ""),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON when ready: url and tokens by role")
	cmd.Flag("log-level").DefValue, f.level = "error", "error"
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		logger, err := a.jsonLogger(f.level)
		if err != nil {
			return err
		}
		story, err := demo.Read()
		if err != nil {
			return err
		}
		if end := domain.Date(story.Calendar["certified"]); domain.DateOf(time.Now()) <= end {
			return fmt.Errorf("the demo's story ends on %s, and this machine's clock says that it is earlier", end)
		}
		kept := f.data != ""
		if !kept {
			if f.data, err = os.MkdirTemp("", "certledger-demo-"); err != nil {
				return errors.New(plain(err))
			}
			defer func() { err = errors.Join(err, os.RemoveAll(f.data)) }()
		}
		d := &demonstration{app: a, flags: f, story: story, kept: kept, asJSON: asJSON, program: program}
		return d.run(cmd.Context(), logger)
	}
	return cmd
}

// demonstration is one run of the demo.
type demonstration struct {
	*app
	flags   serveFlags
	story   *demo.Story
	kept    bool // the directory was named, so it stays
	asJSON  bool
	program string // as it was called

	decision string // on the person whom the printed commands are about
}

func (d *demonstration) run(ctx context.Context, logger *slog.Logger) error {
	at := place(d.flags.data)
	if err := clearDemo(string(at)); err != nil {
		return err
	}
	// Before anything is made: an address that is taken should be known at once.
	listener, err := listen(ctx, d.flags.listen)
	if err != nil {
		return err
	}
	c, err := create(ctx, at, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := os.WriteFile(filepath.Join(string(at), demoMark), []byte("This ledger was made by `certledger demo`, which may delete it.\n"), 0o600); err != nil {
		return errors.Join(err, listener.Close())
	}
	return serveOn(ctx, listener, d.flags, logger, func(ctx context.Context, url string, n *node) error {
		p := &player{server: newClient(url, ""), story: d.story, admin: c.Token}
		step, finish := d.progress("acts")
		err := p.play(ctx, step)
		if err == nil {
			err = p.renewing(ctx)
		}
		finish()
		if err != nil {
			return fmt.Errorf("play the demo: %w", err)
		}
		if err := n.caughtUp(ctx); err != nil {
			return err
		}
		shown, err := n.store.Standing(p.shown().registration)
		if err != nil {
			return err
		}
		d.decision = shown.Decisions[len(shown.Decisions)-1].ID
		if err := d.tell(url, p); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})
}

// clearDemo empties a directory that holds a demo, and refuses any other that
// holds something.
func clearDemo(dir string) error {
	empty, err := isEmpty(dir)
	if err != nil {
		return errors.New(plain(err))
	}
	if empty {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, demoMark)); err != nil {
		return fmt.Errorf("%s is not empty and holds no demo, so it is left alone; choose another --data", dir)
	}
	log, err := openLedger(context.Background(), place(dir), slog.New(slog.DiscardHandler))
	if err != nil { // most likely another demo runs there
		return err
	}
	if err := log.Close(); err != nil {
		return err
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return errors.New(plain(err))
	}
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(dir, name.Name())); err != nil {
			return errors.New(plain(err))
		}
	}
	return nil
}

// roles are those whose tokens are shown, in the order of the access table.
func (d *demonstration) roles() []string {
	return []string{
		domain.RoleRegistrar, domain.RoleTrainer, domain.RoleSupervisor, domain.RoleCoordinator, domain.RoleCertifier, domain.RoleAppealsPanel,
		domain.RoleAuthor, domain.RoleAuditor, domain.RolePrivacyOfficer, domain.RoleIntegrator, domain.RoleAdministrator, domain.RoleParticipant,
	}
}

// who is whose token a role's is.
func (d *demonstration) who(role string) string {
	switch role {
	case domain.RoleTrainer:
		return d.story.Trainers[0]
	case domain.RoleSupervisor:
		return d.story.Supervisor
	case domain.RoleParticipant:
		i := slices.IndexFunc(d.story.People, func(p demo.Person) bool { return p.Row == shownRow })
		return d.story.People[i].Name
	}
	return d.story.Staff[role].Name
}

func (d *demonstration) tell(url string, p *player) error {
	if d.asJSON {
		tokens := map[string]string{}
		for _, role := range d.roles() {
			tokens[role] = p.tokens[role]
		}
		return json.NewEncoder(d.out).Encode(struct {
			URL          string            `json:"url"`
			Tokens       map[string]string `json:"tokens"`
			Cohort       string            `json:"cohort"`
			Registration string            `json:"registration"` // whom the printed commands are about
			Decision     string            `json:"decision"`     // on the same
		}{url, tokens, p.cohort, p.shown().registration, d.decision})
	}
	x := p.shown()
	d.say(`
A ledger with one cohort of %d invented people, and a few of another programme, is served at

  %s
  %s/docs     every request there is, and its reference

`, len(p.people), url, url)
	if d.kept {
		d.say("It lies in %s and stays there.\n\n", d.flags.data)
	} else {
		d.say("It lies in %s and is deleted when this ends.\n\n", d.flags.data)
	}
	l := list{heading: []string{"role", "who", "token"}}
	for _, role := range d.roles() {
		l.rows = append(l.rows, []string{role, d.who(role), p.tokens[role]})
	}
	if err := l.print(d.out, formatTable); err != nil {
		return err
	}
	d.say("\nTry these in another shell, in this folder:\n\n")
	for _, c := range d.commands(url, p) {
		d.say("  # %s\n  %s\n\n", c.says, c.line)
	}
	d.say("%s: %s\nCtrl-C ends it.\n", x.Name, x.Shows)
	return nil
}

type tryThis struct{ says, line string }

// commands are those worth trying, to be pasted into a shell as they are.
func (d *demonstration) commands(url string, p *player) []tryThis {
	x := p.shown()
	with := func(role string) string { return "CERTLEDGER_SERVER=" + url + " CERTLEDGER_TOKEN=" + p.tokens[role] }
	curl := func(role, path string) string {
		return fmt.Sprintf("curl -s -H 'Authorization: Bearer %s' '%s%s'", p.tokens[role], url, path)
	}
	tree := tryThis{"The same as a tree, for a program", curl(domain.RoleParticipant, x.path("/explanation"))}
	if rules, cases := "domain/programmes/"+p.story.Programme+".yaml", "domain/testdata/cases/peerworks.yaml"; exists(rules) && exists(cases) {
		tree = tryThis{"Do the rules say what their cases say?", d.program + " programme test " + rules + " " + cases}
	}
	list := []tryThis{
		{"Why does " + x.Name + " not have Level 1R?", with(domain.RoleAuditor) + " " + d.program + " explain " + x.registration},
		{"Who is ready to be decided?", curl(domain.RoleCertifier, "/v1/ready")},
		{"Who attended what?", curl(domain.RoleTrainer, "/v1/cohorts/"+p.cohort+"/grid")},
		{"What is stored, byte for byte", with(domain.RoleAuditor) + " " + d.program + " ledger export | head -n 3"},
		tree,
		{"Of another programme: who is certified, in grace, or has lapsed?", curl(domain.RoleRegistrar, "/v1/registrations?programme="+demo.RenewalsProgramme)},
		{"How does a programme do?", with(domain.RoleAuditor) + " " + d.program + " programme report " + p.story.Programme},
	}
	if verifier := filepath.Join(filepath.Dir(d.program), "certverify"); strings.Contains(d.program, string(filepath.Separator)) && exists(verifier) {
		list = append(list, tryThis{
			"Check that decision without trusting this server",
			fmt.Sprintf("d=$(mktemp -d) && export %s && %s key show > $d/vkey && %s dossier %s --out $d/dossier && %s $d/dossier --log-key $d/vkey",
				with(domain.RoleAuditor), d.program, d.program, d.decision, verifier),
		})
	}
	return list
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

package main

import (
	"net/url"
	"slices"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/domain"
	"github.com/spf13/cobra"
)

// dueKinds are what a day can be about.
var dueKinds = []string{domain.DueEnd, domain.DuePhase, domain.DueOpens, domain.DueCloses, domain.DueAnswer, domain.DueTask}

func (a *app) due() *cobra.Command {
	var (
		server                       serverFlags
		programme, what, from, until string
	)
	cmd := &cobra.Command{
		Use:   "due",
		Short: "List what is due, so that people can be reminded well before",
		Long: `List the days ahead: ends of periods, statuses that time will bring, what may be
filed and until when, the body's own answers, and tasks. What is overdue comes first.`,
		Example: `  certledger due --until 2028-03-31
  certledger due --programme certified-peer-support-worker --what closes -o csv`,
		Args: takes(0, 0, ""),
	}
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	server.add(cmd)
	cmd.Flags().StringVar(&programme, "programme", "", "only those of this `programme`")
	cmd.Flags().StringVar(&what, "what", "", "only this `kind`: end, phase, opens, closes, answer or task")
	cmd.Flags().StringVar(&from, "from", "", "only days from this `day` on, like 2028-02-01")
	cmd.Flags().StringVar(&until, "until", "", "only days up to this `day`")
	_ = cmd.RegisterFlagCompletionFunc("what", cobra.FixedCompletions(dueKinds, cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if what != "" && !slices.Contains(dueKinds, what) {
			return usage("--what can be end, phase, opens, closes, answer or task")
		}
		for flag, day := range map[string]string{"--from": from, "--until": until} {
			if _, err := domain.ParseDate(day); day != "" && err != nil {
				return usage("%s takes a day like 2028-02-01", flag)
			}
		}
		c, err := server.client()
		if err != nil {
			return err
		}
		q := url.Values{}
		for name, value := range map[string]string{"programme": programme, "what": what, "from": from, "until": until} {
			if value != "" {
				q.Set(name, value)
			}
		}
		items, err := pages[api.DueItem](cmd.Context(), c, "/v1/due?"+q.Encode())
		if err != nil {
			return err
		}
		return dueLines(items).print(a.out, *form)
	}
	return cmd
}

func dueLines(items []api.DueItem) list {
	l := list{heading: []string{"on", "what", "registration", "programme", "by", "says"}, values: items}
	if items == nil {
		l.values = []api.DueItem{}
	}
	for _, d := range items {
		on := string(d.On)
		if d.Overdue {
			on += " (overdue)"
		}
		l.rows = append(l.rows, []string{on, d.What, d.Registration, d.Programme, d.By, d.Says})
	}
	return l
}

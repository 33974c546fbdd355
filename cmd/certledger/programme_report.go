package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/certledger/certledger/api"
	"github.com/certledger/certledger/domain"
	"github.com/spf13/cobra"
)

func (a *app) programmeReport() *cobra.Command {
	var (
		w           where
		cohort      string
		from, until string
	)
	cmd := &cobra.Command{
		Use:   "report PROGRAMME",
		Short: "Report how a programme does, in numbers and without names",
		Long: `Report how a programme does, as of now: by cohort, or by the year of registration
where there is none, how many registered, withdrew or never came; classes attended
and missed; how many came to which level and after how many days; and which
requirements hold how many from the next level.

Nobody is named. A group of fewer than ` + strconv.Itoa(domain.ReportedGroupMin) + ` registrations is not broken down. With
--from and --until only groups that begin then are told of: a cohort begins with
its first class, a year on 1 January, and a group is taken whole.`,
		Example: `  certledger programme report peerworks-core-essentials --data ledger
  certledger programme report peerworks-core-essentials --cohort spring-2026-evening
  certledger programme report peerworks-core-essentials --from 2026-01-01 -o csv > 2026.csv`,
		Args: takes(1, 1, "the PROGRAMME's identifier"),
	}
	form := outputFlag(cmd, formatTable, formatJSON, formatCSV)
	w.add(cmd)
	cmd.Flags().StringVar(&cohort, "cohort", "", "only this `cohort`")
	cmd.Flags().StringVar(&from, "from", "", "only groups that begin on this `day` or later, like 2026-01-01")
	cmd.Flags().StringVar(&until, "until", "", "only groups that begin on this `day` or earlier")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !domain.IsSlug(args[0]) {
			return usage("a programme is named by its identifier, like peerworks-core-essentials")
		}
		bounds := domain.ReportBounds{Cohort: cohort, From: domain.Date(from), Until: domain.Date(until)}
		if err := bounds.Check(); err != nil {
			return usage("%s", err)
		}
		var report domain.ProgrammeReport
		err := a.either(cmd.Context(), &w, func(ctx context.Context, n *node) (err error) {
			report, err = n.programmeReport(ctx, args[0], bounds)
			return err
		}, func(ctx context.Context, c *client) (err error) {
			report, err = c.programmeReport(ctx, args[0], bounds)
			return err
		})
		if err != nil {
			return err
		}
		return a.printProgrammeReport(*form, report)
	}
	return cmd
}

// programmeReport asks a server.
func (c *client) programmeReport(ctx context.Context, id string, b domain.ReportBounds) (out domain.ProgrammeReport, err error) {
	query := url.Values{}
	for name, value := range map[string]string{"cohort": b.Cohort, "from": string(b.From), "until": string(b.Until)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	path := "/v1/programmes/" + id + "/report"
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	_, err = c.call(ctx, http.MethodGet, path, nil, &out)
	return out, err
}

// programmeReport makes it from a directory that no server has open.
func (n *node) programmeReport(ctx context.Context, id string, b domain.ReportBounds) (_ domain.ProgrammeReport, err error) {
	v, err := n.store.View()
	if err != nil {
		return domain.ProgrammeReport{}, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	return api.ReportOf(ctx, v, id, b, nowIn)
}

// nowIn is the present time in a time zone, or as it is where the zone is not
// known here.
func nowIn(zone string) time.Time {
	at, err := time.LoadLocation(zone)
	if err != nil {
		return now()
	}
	return now().In(at)
}

func (a *app) printProgrammeReport(form format, r domain.ProgrammeReport) error {
	l := list{heading: []string{"group", "what", "award", "level", "number", "requirement", "says"}, right: []string{"number"}, values: r}
	for i := range r.Groups {
		l.rows = append(l.rows, reportRows(r.Groups[i].Name, &r.Groups[i])...)
	}
	if r.Together != nil && len(r.Groups) > 1 {
		l.rows = append(l.rows, reportRows("together", r.Together)...)
	}
	if err := l.print(a.out, form); err != nil || form != formatTable {
		return err
	}
	a.say("\n")
	for _, n := range r.Notes {
		a.say("%s\n", n)
	}
	return nil
}

// reportRows are a group's numbers, one a row, so that a spreadsheet can turn
// them as it likes.
func reportRows(name string, g *domain.ReportGroup) (out [][]string) {
	row := func(what, award, level string, n int, more ...string) {
		out = append(out, append([]string{name, what, award, level, strconv.Itoa(n)}, append(more, "", "")[:2]...))
	}
	row("registrations", "", "", g.Registrations)
	if g.Small {
		return out
	}
	row("withdrawn", "", "", g.Withdrawn)
	row("no-show", "", "", g.NoShow)
	for _, s := range g.Statuses {
		row("status "+s.Word, "", "", s.Registrations)
	}
	if c := g.Attendance; c != nil {
		row("classes held", "", "", c.Held)
		row("classes attended", "", "", c.Attended)
		row("classes missed", "", "", c.Missed)
		row("classes open", "", "", c.Open)
	}
	for _, w := range g.Awards {
		for _, level := range w.Levels {
			row("earned", inTrack(w.Award, w.Track), level.Level, level.Earned)
			row("granted", inTrack(w.Award, w.Track), level.Level, level.Granted)
			if level.DaysMedian != nil {
				row("median days until granted", inTrack(w.Award, w.Track), level.Level, *level.DaysMedian)
			}
		}
	}
	for _, h := range g.Reasons {
		row("held by", inTrack(h.Award, h.Track), h.Level, h.Registrations, h.Requirement, h.Says)
	}
	return out
}

func inTrack(award, track string) string {
	if track == "" {
		return award
	}
	return award + ", " + track
}

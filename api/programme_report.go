package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
	"github.com/certledger/certledger/projections"
)

const groupReports group = "reports"

// registrationsAtOnce are assessed side by side for a report and held in memory.
const registrationsAtOnce = 256

func (s *server) programmeReportRoutes() {
	read(s, operation{
		id: "report-programme", path: "/v1/programmes/{programme}/report", tag: "programmes", summary: "Report how a programme does",
		text: "For the evaluation of a programme, as of now: by cohort, or by the year of registration where there is none, how many registered, withdrew or never came; classes attended and missed; how many came to which level, " +
			"by what is earned and by what is granted, and after how many days; and which requirements hold how many from the next level. " +
			"It names nobody. A group of fewer than " + itoa(domain.ReportedGroupMin) + " registrations is not broken down, nor counted in what is told of all together; notes say what is left out.",
		needs: permission{"read", groupReports},
	}, func(ctx context.Context, c *call, v *projections.View, in *struct {
		Reading
		Cohort string `query:"cohort" maxLength:"64" doc:"Only this cohort" example:"spring-2026-evening"`
		From   string `query:"from" maxLength:"10" doc:"Only groups that begin on this day or later: a cohort with its first class, a year on 1 January. A group is taken whole." example:"2026-01-01"`
		Until  string `query:"until" maxLength:"10" doc:"Only groups that begin on this day or earlier" example:"2026-12-31"`
	},
	) (found[domain.ProgrammeReport], error) {
		report, err := ReportOf(ctx, v, c.param("programme"), domain.ReportBounds{
			Cohort: in.Cohort, From: domain.Date(in.From), Until: domain.Date(in.Until),
		}, s.nowIn)
		var refusal *domain.Refusal
		if errors.As(err, &refusal) && refusal.Field != "" {
			err = invalid.at("query."+refusal.Field, refusal.Detail)
		}
		return found[domain.ProgrammeReport]{body: report}, err
	})
}

// ReportOf makes the report of a programme as of now. NowIn is the present time
// in a time zone.
func ReportOf(ctx context.Context, v *projections.View, id string, b domain.ReportBounds, nowIn func(zone string) time.Time) (none domain.ProgrammeReport, err error) {
	if err := b.Check(); err != nil {
		return none, err
	}
	rules, err := latestRules(v, id)
	if err != nil {
		return none, err
	}
	if b.Cohort != "" {
		c, err := v.Cohort(b.Cohort)
		if err == nil && (c == nil || c.Programme != id) {
			err = noSuch("cohort")
		}
		if err != nil {
			return none, err
		}
	}
	now := nowIn(rules.TimeZone)
	reporter := domain.NewReporter(rules, b, now)
	query := projections.Query{Programme: id, Cohort: b.Cohort, Limit: registrationsAtOnce}
	for {
		page, err := v.List(ctx, query)
		if err != nil {
			return none, err
		}
		if err := reportOn(ctx, v, reporter, page.Rows, now); err != nil {
			return none, err
		}
		if query.After = page.Next; query.After == "" {
			return reporter.Report(), nil
		}
	}
}

// reportOn assesses some registrations side by side, and counts them.
func reportOn(ctx context.Context, v *projections.View, to *domain.Reporter, list []*projections.Summary, now time.Time) error {
	rows := make([]domain.Reported, len(list))
	if err := projections.SideBySide(ctx, len(list), 1, func() func(int) error {
		return func(i int) error {
			f, err := v.Facts(list[i].Registration)
			if err != nil {
				return err
			}
			if f.Programme == nil {
				return fmt.Errorf("the rules of registration %s are not in the ledger", list[i].Registration)
			}
			rows[i] = domain.ReportOn(f, projections.InZone(now, f.Programme))
			return nil
		}
	}); err != nil {
		return err
	}
	for _, row := range rows {
		to.Add(row)
	}
	return nil
}

// latestRules are those of a programme's highest version.
func latestRules(v *projections.View, id string) (*programme.Programme, error) {
	line, err := v.Line(id)
	if err != nil || line == nil || len(line.Versions) == 0 {
		return nil, orNoSuch(err, "programme")
	}
	latest := line.Versions[0]
	for _, version := range line.Versions {
		if version.Version > latest.Version {
			latest = version
		}
	}
	p, err := v.Programme(latest.Digest)
	if err != nil || p == nil {
		return nil, orElse(err, noSuchVersion)
	}
	return p, nil
}

package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/certledger/certledger/domain"
)

// plan lists every act after registration. They are played in the order of
// their times, those of the same time in this order.
func (p *player) plan() {
	p.classes()
	for i, x := range p.people {
		p.absences(x)
		p.judging(i, x)
		p.deciding(x)
		if x.Practicum != nil {
			p.practicum(x)
		}
	}
}

// then plans one request whose answer nobody needs.
func (p *player) then(at time.Time, x *participant, role, path string, b body) {
	p.acts = append(p.acts, act{at, x.Name + ": " + path, func(ctx context.Context) error {
		_, err := p.post(ctx, role, x.path(path), at, b)
		return err
	}})
}

// classes are marked as a whole, each by one of the trainers, right after it.
func (p *player) classes() {
	for number := range p.story.Cohort.Days() {
		number++
		_, ends := p.class(number)
		at := ends.Add(5 * time.Minute)
		var lines []body
		for _, x := range p.people {
			if x.Withdrew != "" && x.Withdrew <= domain.DateOf(ends) {
				continue
			}
			line := body{"registration": x.registration, "status": domain.Present}
			if minutes, ok := x.Partly[number]; ok {
				line["status"], line["minutes"] = domain.LeftEarly, minutes
			} else if x.NoShow || slices.Contains(x.Missed, number) {
				line["status"] = domain.Absent
			}
			lines = append(lines, line)
		}
		p.acts = append(p.acts, act{at, fmt.Sprintf("mark class %d", number), func(ctx context.Context) error {
			_, err := p.post(ctx, trainerName(number%len(p.trainers)),
				"/v1/cohorts/"+p.cohort+"/sessions/"+strconv.Itoa(number)+"/attendance", at, body{"lines": lines})
			return err
		}})
	}
}

// absences are what follows from staying away.
func (p *player) absences(x *participant) {
	if x.Withdrew != "" {
		p.then(p.on(x.Withdrew, 9, 0), x, domain.RoleRegistrar, "/withdrawal", body{"reason": p.personal("reason-code", "schedule-change")})
	}
	if x.NoShow {
		p.then(p.on("no-shows", 9, 0), x, domain.RoleRegistrar, "/no-show", nil)
	}
	for number, reason := range x.Excused {
		_, ends := p.class(number)
		if reason != "disability" { // a code that the rules know
			reason = p.personal("reason-code", reason)
		}
		p.then(ends.Add(16*time.Hour), x, domain.RoleRegistrar, "/absences", body{
			"session": strconv.Itoa(number), "reason": reason, "text": p.personal("text", "Told us by telephone."),
		})
	}
	if m := x.MakeUp; m != nil {
		_, ends := p.class(m.Session)
		task := "makeup-" + strconv.Itoa(m.Session)
		p.then(ends.Add(30*time.Minute), x, domain.RoleTrainer, "/tasks", body{
			"task": task, "kind": "make-up", "session": strconv.Itoa(m.Session), "text": p.personal("text", "Please write a page on this module."),
		})
		if m.Done != "" {
			p.then(p.on(m.Done, 12, 0), x, x.actor(), "/tasks/"+task+"/fulfilment", body{})
		}
	}
}

// judging is what trainers say, what they ask for, and exceptions.
func (p *player) judging(i int, x *participant) {
	answers := x.Evaluations
	if x.Evaluation != "" {
		answers = slices.Repeat([]string{x.Evaluation}, len(p.trainers))
	}
	for t, answer := range answers {
		p.then(p.on("evaluated", 10+t, i), x, trainerName(t), "/judgements", body{
			"question": "evaluation", "answer": answer, "narrative": p.personal("narrative", "Listens well."),
		})
	}
	for n, c := range x.Conditions {
		task := "condition-" + strconv.Itoa(n+1)
		ask := body{"task": task, "kind": "condition", "text": p.personal("text", "Three role plays with another participant.")}
		if c.Due != "" {
			ask["due"] = c.Due
		}
		p.then(p.on("conditions", 11, n), x, domain.RoleTrainer, "/tasks", ask)
		if c.Met != "" {
			p.then(p.on(c.Met, 15, n), x, trainerName(1), "/tasks/"+task+"/confirmation", nil)
		}
	}
	if w := x.Waived; w != nil {
		at := p.on("conditions", 13, 0)
		var proposal string
		p.acts = append(p.acts,
			act{at, x.Name + ": propose a waiver", func(ctx context.Context) error {
				a, err := p.post(ctx, domain.RoleRegistrar, x.path("/waivers"), at, body{
					"requirement": w.Requirement, "session": strconv.Itoa(w.Session), "reason": w.Reason,
					"text": p.personal("text", "The meeting could not be joined that evening."),
				})
				proposal = a.Created["proposal"]
				return err
			}},
			act{at.Add(24 * time.Hour), x.Name + ": approve the waiver", func(ctx context.Context) error {
				_, err := p.post(ctx, domain.RoleCertifier, x.path("/proposals/"+proposal+"/approval"), at.Add(24*time.Hour), nil)
				return err
			}})
	}
}

func (p *player) deciding(x *participant) {
	grant := func(at time.Time, level string) {
		p.then(at, x, domain.RoleCertifier, "/decisions", body{
			"act": domain.ActGrant, "level": level, "text": p.personal("text", "As the trainers recommend."),
		})
	}
	if x.Decided != "" {
		grant(p.on("decided", 10, 0), x.Decided)
	}
	if x.Certified {
		grant(p.on("certified", 10, 0), "certified")
	}
	if c := x.Corrected; c != nil {
		p.then(p.on(c.On, 9, 30), x, domain.RoleTrainer, "/corrections", body{
			"session": strconv.Itoa(c.Session), "status": c.Status, "reason": c.Reason, "text": p.personal("text", "Two people were mixed up."),
		})
	}
}

// practicum is a plan, and weeks of support with a report and an evaluation each.
func (p *player) practicum(x *participant) {
	filed, answered, begin := p.on("plan-filed", 12, 0), p.on("plan-answer", 12, 0), p.on("practicum", 17, 0)
	p.then(filed, x, x.actor(), "/submissions", body{
		"submission": "plan-1", "kind": "practicum-plan", "text": p.personal("text", "One-to-one support at a community centre."),
	})
	p.then(answered, x, domain.RoleCoordinator, "/submissions/plan-1/answers", body{
		"answer": "approved", "text": p.personal("text", "A good plan."),
	})
	p.then(answered, x, domain.RoleCoordinator, "/attesters", body{"attester": p.mentor, "role": domain.RoleSupervisor, "relation": domain.RelationNone})
	for week, minutes := range x.Practicum.Weeks {
		monday := begin.AddDate(0, 0, 7*week)
		friday := monday.AddDate(0, 0, 4)
		number := week + 1
		hours := "hours-" + strconv.Itoa(number)
		p.then(friday, x, x.actor(), "/evidence", body{
			"evidence": hours, "kind": "hours", "category": "one-to-one", "quantity": minutes, "unit": domain.UnitMinute,
			"from": domain.DateOf(monday), "until": domain.DateOf(friday), "narrative": p.personal("narrative", "Visits and telephone calls."),
		})
		p.then(friday.Add(30*time.Minute), x, domain.RoleSupervisor, "/evidence/"+hours+"/signatures", nil)
		if number <= x.Practicum.Reports {
			p.then(friday.Add(time.Hour), x, x.actor(), "/evidence", body{
				"evidence": "report-" + strconv.Itoa(number), "kind": "report", "number": number,
				"narrative": p.personal("narrative", "What I learnt this week."),
			})
		}
		if number <= x.Practicum.Evaluations {
			p.then(friday.Add(90*time.Minute), x, domain.RoleSupervisor, "/judgements", body{
				"question": "interval-evaluation", "number": number, "answer": "satisfactory", "narrative": p.personal("narrative", "Reliable and kind."),
			})
			p.then(friday.AddDate(0, 0, 3), x, domain.RoleCoordinator, "/judgements", body{
				"question": "interval-review", "number": number, "answer": "in-order", "narrative": p.personal("narrative", "Nothing to add."),
			})
		}
	}
}

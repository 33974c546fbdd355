package cases

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// acts are steps that make sense and steps that do not; a random history is any of them in any
// order.
var acts = []string{
	"register", "register: {missing: [phone]}", "enrol: {cohort: a}", "enrol: {cohort: b}", "transfer: {cohort: a}", "withdraw", "no-show",
	"attend", "attend: {except: [3]}", "attend: {except: [6, 18]}", "attend: {sessions: [1, 11]}", "mark: {session: 8, status: late, minutes: 95}",
	"mark: {session: 3, status: present, source: self}", "mark: {session: 3, status: absent, source: import}", "mark: {session: 99, status: gone}",
	"correct: {session: 3, status: present, reason: a slip}", "correct: {entry: e1, quantity: 9 h, days: 3, reason: a slip}", "excuse: {session: 3, reason: disability}",
	"accommodation: {answer: declined}", "grant-accommodation: {kind: camera-off}", "assign-make-up: {session: 3}", "make-up: {session: 3, by: recording}",
	"live-equivalent: {session: 3}", "live-equivalent: {session: 6, cohort: a}", "waive: {rule: missed-sessions, session: 3}", "waive: {rule: assigned-make-ups}",
	"cancel-session: {session: 11}", "reschedule-session: {session: 11}", "homework: {handed-in: false}",
	"evaluate: {level: level-1r}", "evaluate: {level: level-1, by: trainer-2}", "evaluate-consensus: {level: level-1r}", "evaluate: {level: nonsense}",
	"set-condition: {id: c1, due-days: 14}", "set-condition: {id: c2, due-days: 999999999}", "extend-condition: {id: c1, due-days: 40}",
	"extend-condition: {id: c2, due-days: 1000000000}", "meet-condition: {id: c1}", "meet-condition", "cancel: {task: condition}",
	"decide: {level: incomplete}", "decide: {level: level-1}", "decide: {level: level-1r}", "decide: {level: certified}", "decide: {level: in-progress}",
	"deny: {level: certified, clause: staff-decision, reason: r}", "revoke: {reason: r}", "revoke: {reason: r, person-wide: true}", "suspend", "reinstate",
	"submit-plan", "approve-plan", "approve-plan: {effective: plan-submitted}", "log-hours: {minutes: 600}", "log-hours: {minutes: 6000, days: 10, entry: e1}",
	"log-hours: {minutes: 1000000000, days: 36600}", "log-hours: {minutes: 1, days: 36600, dated: 1900-01-01}", "log-hours: {minutes: 60, signed: false, entry: e2}",
	"sign: {entry: e2}", "dispute: {entry: e1}", "void: {entry: e1}", "report: {interval: 1}", "report: {interval: 9}",
	"interval-evaluation: {interval: 1, result: satisfactory}", "interval-evaluation: {interval: 9, result: satisfactory}", "accept-late-reports", "query",
	"attester: {name: aunt, as: supervisor, relation: relative}", "record: {kind: support, quantity: 3.50 CAD, about: 6}", "apply", "credit: {hundredths: 1}",
}

var times = []string{"", "", "", "", "", "", "after-days: 0", "after-days: 400", "recorded-after-days: 3", "recorded-after-days: 36600", "on: 9998-12-30", "on: 2026-01-09"}

var expected = []string{"earned: level-1", "granted: none", "as-of: %s", "rehearse: later-version", "person-standing: none", "counted-minutes: 0", "lacks: {practicum-time: 1 h}"}

// TestRandomHistories: whatever is told ends with an outcome, the same each time.
func TestRandomHistories(t *testing.T) {
	r := newRunner(t)
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		expect := rapid.SampledFrom(expected).Draw(t, "expect")
		fmt.Fprintf(&b, "programme: %s\ncases:\n- id: R\n  title: R\n", r.p.ID)
		if strings.HasPrefix(expect, "rehearse") {
			b.WriteString("  later-version: {max-missed: 1}\n")
		}
		b.WriteString("  history:\n")
		first := ""
		for i := range rapid.IntRange(1, 14).Draw(t, "steps") {
			act := rapid.SampledFrom(acts).Draw(t, "act")
			if i == 0 && rapid.Bool().Draw(t, "registers") {
				act = "register"
			}
			if !strings.Contains(act, ":") {
				act += ": {}"
			}
			if first == "" {
				first, _, _ = strings.Cut(act, ":")
			}
			fmt.Fprintf(&b, "    - %s\n", act)
			if when := rapid.SampledFrom(times).Draw(t, "when"); when != "" {
				fmt.Fprintf(&b, "      %s\n", when)
			}
		}
		if strings.Contains(expect, "%s") {
			expect = fmt.Sprintf(expect, first)
		}
		fmt.Fprintf(&b, "  expect: {%s}\n", expect)
		out, mistakes := runAll(r, []byte(b.String()))
		require.Empty(t, mistakes)
		again, _ := runAll(r, []byte(b.String()))
		require.Equal(t, out, again)
		for _, d := range out[0].Differences {
			if d.What == "history" {
				t.Logf("%s", d.Got)
				require.Regexp(t, `^step \d+, .* is before the step before it|^step \d+, .*: correct needs|would happen or be recorded after`, d.Got)
			}
		}
	})
}

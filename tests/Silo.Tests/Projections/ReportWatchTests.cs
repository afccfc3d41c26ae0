using HallOps.Core.Halls;
using HallOps.Core.Tests.Halls;
using HallOps.Silo.Projections;

namespace HallOps.Silo.Tests.Projections;

/// <summary>Facts over random histories come to the rows of a naive fold (I10), however often the watch begins anew and what is in memory of windows is read again.</summary>
public sealed class ReportWatchTests
{
    private const int Histories = 200;
    private const int Commands = 150;

    [Fact]
    public void Rows_OfAnyHistory_AreTheNaiveFolds()
    {
        var first = int.TryParse(Environment.GetEnvironmentVariable("HALLOPS_MODEL_SEED"), out var given) ? given : 1;
        for (var seed = first; seed < first + Histories; seed++)
        {
            try
            {
                new History(seed).Play();
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException { Message: var m } || !m.StartsWith("seed", StringComparison.Ordinal))
            {
                Assert.Fail($"seed {seed}: {e.Message}\n{e.StackTrace}");
            }
        }
    }

    private sealed class History(int seed)
    {
        private readonly RandomHall _random = new(seed);
        private readonly NaiveReports _expected = new();
        private readonly TimeUse _times = new();
        private readonly HallState _state = new();
        private readonly SortedDictionary<(long, int), LegRow> _legs = [];
        private readonly List<CallRow> _calls = [];
        private readonly SortedDictionary<string, SortedDictionary<long, WindowStretch>> _windows = new(StringComparer.Ordinal);
        private readonly Dictionary<string, WindowStretches> _inMemory = [];
        private readonly HashSet<string> _due = [];
        private ReportWatch _watch = new(new HallState());
        private NaiveHall _naive = null!;
        private Instant _now;

        public void Play()
        {
            var spec = _random.Draw();
            _now = _random.StartOfHistory();
            _naive = new NaiveHall(spec, _now);
            Do(new ConfigureHall(7, PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(RandomHall.Document(spec))))));
            for (var step = 0; step < Commands; step++)
            {
                _now += _random.Step();
                while (Hall.NextDue(_state, _now) is { } due)
                {
                    if (due.Event is ScheduleReached reached) _naive.Reach(reached.Schedule, due.At, (_, _) => { });
                    else _naive.Due(_now);
                    Fold(due.Event, due.At);
                }
                var command = _random.Command(_naive);
                _naive.Do(command, _now);
                Do(command);
                // As after a reload, a crash or a restart.
                if (step % 7 == 3) _watch = new ReportWatch(_state);
                if (step % 11 == 5)
                {
                    Write();
                    _inMemory.Clear();
                }
                if (step % 50 == 20)
                {
                    var next = _random.Redraw(_naive.Spec);
                    var configure = new ConfigureHall(7, PackedDocument.Pack(HallDocument.Minify(System.Text.Encoding.UTF8.GetBytes(RandomHall.Document(next)))));
                    if (Hall.Decide(_state, configure, _now) is { Refusal: null, Events.Count: > 0 })
                    {
                        _naive.Configure(configure, next, _now);
                        Do(configure);
                        if (_state.Schedule is null && _naive.IsRun) _naive.StopRunning();
                    }
                }
            }
            Compare();
        }

        private void Do(HallCommand command)
        {
            foreach (var e in Hall.Decide(_state, command, _now).Events) Fold(e, _now);
        }

        private void Fold(HallEvent e, Instant at)
        {
            _times.Pass(_state, e, at);
            _expected.Fold(e, at);
            Hall.Evolve(_state, e, at, _state.Sequence + 1);
            var fact = _watch.See(e, _state);
            foreach (var row in fact.Legs) _legs[(row.Ticket, row.Leg)] = _legs.TryGetValue((row.Ticket, row.Leg), out var earlier) ? row.After(earlier) : row;
            if (fact.Call is { } call) _calls.Add(call);
            _due.UnionWith(fact.Due);
            foreach (var window in fact.Windows)
            {
                if (!_windows.TryGetValue(window.Window, out var stored)) _windows.Add(window.Window, stored = []);
                if (!_inMemory.TryGetValue(window.Window, out var stretches)) _inMemory.Add(window.Window, stretches = new WindowStretches(stored.Values.TakeLast(WindowStretches.Kept)));
                stretches.Apply(window);
            }
            // Several events go into one batch.
            if (_state.Sequence % 3 == 0) Write();
        }

        private void Write()
        {
            var (changed, gone) = (new List<WindowStretch>(), new List<long>());
            foreach (var (window, stretches) in _inMemory)
            {
                changed.Clear();
                gone.Clear();
                stretches.Take(changed, gone);
                foreach (var from in gone) Assert.True(_windows[window].Remove(from));
                foreach (var stretch in changed) _windows[window][stretch.From] = stretch;
            }
        }

        private void Compare()
        {
            Write();
            Same("legs", _expected.Legs, _legs.Values.Select(r => NaiveReports.Join(r.Ticket, r.Leg, r.Number, r.Day, r.Service, r.Line, r.Class, TableWord.Of(r.Source), r.IssuedAt, r.Since, r.CalledAt, r.FirstCalledAt, r.StartedAt,
                TableWord.Of(r.StartKind), r.FinishedAt, r.Window, r.Staff, TableWord.Of(r.Outcome), TableWord.Of(r.FinishOutcome), r.Reason, r.Overtook, r.Times, r.Misses, TableWord.Of(r.Grade), TableWord.Of(r.State), r.ToldBefore) + "|"
                + NaiveReports.Join(r.Said.JoinedAt, r.Said.EndedAt, r.Said.ToldLow, r.Said.ToldMedian, r.Said.ToldHigh, r.Said.RatedAt)));
            Same("calls", _expected.Calls, _calls.Select(c => NaiveReports.Join(c.Sequence, c.Ticket, c.Leg, c.Day, c.At, c.Window, c.Staff, c.Reason, c.Overtook, c.FirstOvertaken)));
            Same("windows", _expected.Windows, _windows.SelectMany(w => w.Value.Values.Select(s => NaiveReports.Join(w.Key, s.From, s.Use, s.Reason, s.Staff, s.To))));
            Assert.True(_expected.Due.IsSubsetOf(_due) && _due.IsSubsetOf(_expected.EndedDays), $"seed {seed}: due {string.Join(' ', _due)}, expected {string.Join(' ', _expected.Due)}");
            _times.Advance(_state, _state.At);
            foreach (var (window, stretches) in _windows)
            {
                if (window.Length == 0 || _expected.Gone.Contains(window)) continue;
                foreach (var use in Enum.GetValues<WindowUse>())
                {
                    var sum = stretches.Values.Where(s => s.Use == TableWord.Of(use)).Sum(s => (s.To ?? _state.At.Milliseconds) - s.From);
                    Assert.True(_times.Of(new WindowId(window))![(int)use] == sum, $"seed {seed}: window {window} was {use} for {_times.Of(new WindowId(window))![(int)use]} ms and the stretches say {sum}");
                }
            }
        }

        private void Same(string what, IEnumerable<string> expected, IEnumerable<string> actual)
        {
            var (e, a) = (expected.ToList(), actual.ToList());
            Assert.True(e.SequenceEqual(a), $"seed {seed}, {what}: expected\n{string.Join('\n', e.Except(a).Take(4))}\nand not\n{string.Join('\n', a.Except(e).Take(4))}");
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Reports;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports.Recomputed;

/// <summary>
/// Busy days of two halls played through a server, read back from its journal, folded by a separate model written from the glossary, and compared with what the API answers: every member of every row, by
/// every grouping, from rows and from rollups. <c>HALLOPS_MODEL_SEED</c> is another day.
/// </summary>
public abstract partial class RecomputedDaysTests(SqlKind kind, ITestOutputHelper output) : IAsyncLifetime
{
    private const string Exactly = "halls=east,west&from=2026-10-25&to=2026-11-03", ByRollups = "halls=east,west&from=2026-01-01&to=2026-12-31";

    // One is open round the clock, and nobody looks at it for a day; the other in another zone, by sessions of which one goes on past midnight, over the night in which its clock is put back.
    private static readonly (HallId Hall, TimeZoneInfo Zone, string Region, string Calendar)[] s_halls =
    [
        (new("east"), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"), "南通市", """{"timeZone": "Asia/Shanghai", "sessions": "always"}"""),
        (new("west"), TimeZoneInfo.FindSystemTimeZoneById("America/New_York"), "苏州市", """
            {"timeZone": "America/New_York", "holidays": "none", "sessions": [{"kind": "regular", "days": ["workday", "restday"], "from": "19:00", "to": "25:00"},
             {"kind": "lunch", "days": ["workday", "restday"], "from": "02:30", "to": "06:00", "windows": ["1", "3", "4"], "services": ["s", "p", "t"], "offered": "covered"}]}
            """),
    ];

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("HALLOPS_MODEL_SEED"), out var given) ? given : 20261031;
    private readonly StandingTime _time = new(new DateTimeOffset(2026, 10, 29, 7, 0, 0, TimeSpan.FromHours(8)));
    private readonly List<BusyDays> _days = [];
    private ServerHost _host = null!;
    private HttpClient _client = null!;
    private IReadOnlyList<NaiveLeg> _imported = [];
    private List<NaiveLeg> _legs = [];
    private List<(HallId Hall, NaiveStretch Part, DateOnly Day, bool InSession)> _parts = [];
    private List<(HallId Hall, string Window, string? Staff, long Ticket, int Leg, long At, string Day)> _calls = [];
    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ServerHost.StartAsync(services => services.AddSingleton<TimeProvider>(_time).AddSingleton(new ReportTargets { Faster = null }), kind);
        _client = _host.As("admin@*");
        foreach (var (hall, _, region, calendar) in s_halls)
        {
            var document = PackedDocument.Pack(HallDocument.Minify(Encoding.UTF8.GetBytes(BusyDays.Document(hall, region, calendar))));
            Assert.Equal(AnswerStatus.Done, (await Halls.SendAsync(hall, new HallRequest(new ConfigureHall(0, document), "test"), Cancel)).Status);
            _days.Add(new BusyDays(Halls, hall, Number(hall), _seed + _days.Count));
        }
        await ImportAsync();
    }

    [Fact]
    public async Task Figures_OfBusyDays_AreThoseOfANaiveFold()
    {
        output.WriteLine($"Seed {_seed}");
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        await PlayAsync();
        output.WriteLine($"Played in {System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        await CheckAsync("while days are due");

        await _host.App.Services.GetRequiredService<EngineHost>().Roller.RollAsync(Cancel);
        await CheckAsync("once they are rolled up");
        await LegsAreTheFoldsAsync();
        await FlagsAreTheFoldsAsync();

        // Whoever was served yesterday rates today: figures of a day that has been made are made again.
        var rated = 0;
        foreach (var (busy, place) in _days.Zip(s_halls))
            foreach (var leg in _legs.Where(l => l.Hall == place.Hall.Value && l is { Outcome: "served", Grade: null } && l.Visit.Day != Day(Now, place.Zone)).TakeLast(10))
                if ((await busy.SendAsync(new RateTicket(new TicketId(Number(place.Hall), leg.Visit.Ordinal), Grade.VeryDissatisfied, [], null))).Status == AnswerStatus.Done) rated++;
        Assert.True(rated > 3, $"seed {_seed}: {rated} rated a day later");
        await CheckAsync("after late ratings");
        await _host.App.Services.GetRequiredService<EngineHost>().Roller.RollAsync(Cancel);
        await CheckAsync("after late ratings are rolled up");
        output.WriteLine($"{_legs.Count} legs, in {System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
    }

    // ---- the days

    private async Task PlayAsync()
    {
        foreach (var (from, to) in new[] { ("2026-10-29T08:20", "2026-10-29T08:50"), ("2026-10-31T08:20", "2026-10-31T10:40"), ("2026-10-31T12:30", "2026-10-31T15:30"), ("2026-11-01T08:40", "2026-11-01T10:00"), ("2026-11-01T13:10", "2026-11-01T15:20"), ("2026-11-02T09:00", "2026-11-02T10:45") })
        {
            var (begin, end) = (DateTimeOffset.Parse(from + "+08:00", CultureInfo.InvariantCulture), DateTimeOffset.Parse(to + "+08:00", CultureInfo.InvariantCulture));
            _time.Set(begin);
            foreach (var busy in _days)
            {
                await busy.SendAsync(new Poke());
                busy.Begin(begin.ToUnixTimeMilliseconds());
            }
            while (_days.MinBy(d => d.NextAt)! is var next && next.NextAt < end.ToUnixTimeMilliseconds())
            {
                _time.Set(DateTimeOffset.FromUnixTimeMilliseconds(next.NextAt));
                await next.ActAsync();
            }
            _time.Set(end);
        }
        foreach (var busy in _days) await busy.SendAsync(new Poke());
    }

    private async Task FoldAsync()
    {
        (_legs, _parts, _calls) = ([.. _imported], [], []);
        foreach (var (hall, zone, _, _) in s_halls)
        {
            var (fold, last) = (new NaiveFold(hall.Value), 0L);
            await foreach (var page in _host.App.Services.GetRequiredService<EngineHost>().Journal.ReadFromAsync(Number(hall), 0, Cancel))
                foreach (var record in page)
                {
                    fold.See(EventCodec.Read(record.Type, record.Version, record.Payload.Span), record.At);
                    last = record.Sequence;
                }
            fold.EndAt(Now);
            _legs.AddRange(fold.Legs);
            _calls.AddRange(fold.Calls.Select(c => (hall, c.Window, c.Staff, c.Ticket, c.Leg, c.At, c.Day)));
            // Nobody sits at two windows, so nobody's time counts twice.
            foreach (var person in fold.Stretches.Where(s => s.Staff is not null && s.To > s.From).GroupBy(s => s.Staff))
                foreach (var (one, next) in person.OrderBy(s => s.From).Zip(person.OrderBy(s => s.From).Skip(1)))
                    Assert.True(one.To <= next.From, $"seed {_seed}: {person.Key} of {hall} is at {one.Window} until {one.To} and at {next.Window} from {next.From}");
            foreach (var stretch in fold.Stretches)
                foreach (var part in Cut(stretch, [.. Midnights(zone), .. fold.Sessions.SelectMany(s => new[] { s.From, s.To })]))
                    _parts.Add((hall, part, DateOnly.ParseExact(Day(part.From, zone), "yyyy-MM-dd", CultureInfo.InvariantCulture), fold.Sessions.Any(s => s.From <= part.From && part.To <= s.To)));
            await _host.App.Services.GetRequiredService<IHallList>().HasAsync(Number(hall), last, Cancel);
        }
    }

    // ---- the figures

    private async Task CheckAsync(string when)
    {
        await FoldAsync();
        foreach (var range in new[] { Exactly, ByRollups })
        {
            var what = $"seed {_seed}, {when}, {range}";
            foreach (var by in new[] { "", "hall", "region", "department", "service", "line", "window", "staff", "hour", "weekday", "day", "week", "month" })
            {
                var groups = _legs.GroupBy(l => KeyOf(by, l)).ToDictionary(g => g.Key, g => (IReadOnlyList<NaiveLeg>)[.. g]);
                await SameAsync($"metrics/waits?{range}&targetSeconds={NaiveFigures.Target}&shortAbandonSeconds={NaiveFigures.ShortAbandon}&survival=true&distribution=true", by, groups.ToDictionary(g => g.Key, g => NaiveFigures.Waits(g.Value, Now)), range == Exactly, what);
                await SameAsync($"metrics/waits?{range}&shortAbandonSeconds={NaiveFigures.ShortAbandon}&survival=true&distribution=true", by, groups.ToDictionary(g => g.Key, g => NaiveFigures.Waits(g.Value, Now, isByLine: true)), range == Exactly, what);
                await SameAsync($"metrics/ratings?{range}", by, groups.ToDictionary(g => g.Key, g => NaiveFigures.Ratings(g.Value)), true, what);
                if (by is "department" or "service" or "line" or "hour") continue;
                var times = TimesBy(by);
                var legsOf = (string key) => groups.GetValueOrDefault(key) ?? [];
                await SameAsync($"metrics/windows?{range}", by, groups.Keys.Union(times.Keys).ToDictionary(k => k, k => NaiveFigures.Windows(legsOf(k), times.GetValueOrDefault(k) ?? new NaiveTime(), by is not ("window" or "staff"), Now)), range == Exactly, what);
                if (by == "staff") await SameAsync($"metrics/staff?{range}", by, groups.Keys.Union(times.Keys).ToDictionary(k => k, k => NaiveFigures.Staff(legsOf(k), times.GetValueOrDefault(k) ?? new NaiveTime())), range == Exactly, what);
            }
            foreach (var (filter, which) in new (string, Func<NaiveLeg, bool>)[]
            {
                ("service=s", l => l.Service == "s"), ("window=", l => l.Window is null), ("department=rs&hour=9", l => l.Department == "rs" && HourOf(l) == 9), ("staff=w02&outcome=served", l => l is { Staff: "w02", Outcome: "served" }),
                ("weekday=sunday", l => DateOnly.ParseExact(l.Visit.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture).DayOfWeek == DayOfWeek.Sunday), ("line=a&window=2", l => l is { Line: "a", Window: "2" }),
            })
                foreach (var by in new[] { "", "service", "day" })
                    await SameAsync($"metrics/waits?{range}&{filter}&targetSeconds={NaiveFigures.Target}&shortAbandonSeconds={NaiveFigures.ShortAbandon}&survival=true&distribution=true", by,
                        by == "" ? new() { [""] = NaiveFigures.Waits([.. _legs.Where(which)], Now) } : _legs.Where(which).GroupBy(l => KeyOf(by, l)).ToDictionary(g => g.Key, g => NaiveFigures.Waits([.. g], Now)), range == Exactly, what);
            foreach (var by in new[] { "day", "weekday" }) await ArrivalsAreTheFoldsAsync(range, by, what);
        }
    }

    private async Task ArrivalsAreTheFoldsAsync(string range, string by, string what)
    {
        var expected = _legs.GroupBy(l => (Day: KeyOf(by, l), Hour: HourOf(l)))
            .Select(g => $"{g.Key.Day} {g.Key.Hour}: {g.Select(l => (l.Hall, l.Visit.Ordinal)).Distinct().Count()} {g.Count()}").Order(StringComparer.Ordinal);
        var actual = (await GetAsync($"metrics/arrivals?{range}&by={by}")).EnumerateArray().Select(c => $"{c.GetProperty("day").GetString()} {c.GetProperty("hour").GetInt32()}: {c.GetProperty("tickets").GetInt32()} {c.GetProperty("legs").GetInt32()}").Order(StringComparer.Ordinal);
        Assert.True(expected.SequenceEqual(actual), $"{what}, arrivals by {by}: {string.Join("; ", expected.Except(actual).Take(3))} and not {string.Join("; ", actual.Except(expected).Take(3))}");
    }

    private async Task SameAsync(string path, string by, Dictionary<string, Dictionary<string, object?>> expected, bool isExact, string what)
    {
        if (by.Length > 0) path += $"&by={by}";
        // Windows' rows are by window where nothing is said.
        else if (path.StartsWith("metrics/windows", StringComparison.Ordinal)) return;
        var rows = (await GetAsync(path)).EnumerateArray().ToDictionary(r => (r.TryGetProperty("hall", out var hall) ? hall.GetString() + "/" : "") + r.GetProperty("key").GetString());
        Assert.True(expected.Keys.ToHashSet().SetEquals(rows.Keys), $"{what}, {path}: rows {string.Join(' ', expected.Keys.Order())}, and not {string.Join(' ', rows.Keys.Order())}");
        foreach (var (key, row) in rows)
        {
            var (actual, wrong) = (new Dictionary<string, object?>(), new List<string>());
            foreach (var member in row.EnumerateObject())
                if (member.Name is not ("key" or "hall" or "exact")) Flatten(member.Name, member.Value, actual);
            foreach (var name in expected[key].Keys.Union(actual.Keys))
            {
                if (name == NaiveFigures.Slack || (!isExact && name.StartsWith("survival", StringComparison.Ordinal))) continue;
                if (!expected[key].TryGetValue(name, out var ours)) wrong.Add($"{name} should not be there");
                else if (!actual.TryGetValue(name, out var theirs)) wrong.Add($"{name} should be there");
                else if (!IsSame(name, ours, theirs, isExact ? null : Convert.ToDouble(expected[key].GetValueOrDefault(NaiveFigures.Slack), CultureInfo.InvariantCulture))) wrong.Add($"{name} should be {ours ?? "null"} and is {theirs ?? "null"}");
            }
            Assert.True(wrong.Count == 0, $"{what}, {path}, row {key}:\n{string.Join('\n', wrong.Take(12))}");
        }
    }

    /// <param name="slack">From rollups: how many values lie so near to a limit that they may be counted on either side; null: exact.</param>
    private static bool IsSame(string name, object? ours, object? theirs, double? slack)
    {
        if (ours is null || theirs is null || ours is bool) return Equals(ours, theirs);
        var (a, b) = (Convert.ToDouble(ours, CultureInfo.InvariantCulture), Convert.ToDouble(theirs, CultureInfo.InvariantCulture));
        if (slack is { } near)
        {
            if (name.Contains(".p", StringComparison.Ordinal) && name.EndsWith("0Seconds", StringComparison.Ordinal) | name.EndsWith("5Seconds", StringComparison.Ordinal) | name.EndsWith("9Seconds", StringComparison.Ordinal)) return Math.Abs(a - b) <= a * 0.01 + 0.001;
            if (name.EndsWith(".withinTarget", StringComparison.Ordinal) || name.StartsWith("serviceLevel.", StringComparison.Ordinal) || name.StartsWith("distribution", StringComparison.Ordinal)) return Math.Abs(a - b) <= near;
        }
        return Math.Abs(a - b) <= 1e-9 * Math.Max(1, Math.Abs(a));
    }

    private static void Flatten(string way, JsonElement value, Dictionary<string, object?> into)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Flatten($"{way}.{member.Name}", member.Value, into);
                break;
            case JsonValueKind.Array:
                var i = 0;
                foreach (var item in value.EnumerateArray()) Flatten($"{way}[{i++}]", item, into);
                break;
            default: into[way] = value.ValueKind switch { JsonValueKind.Number => value.GetDouble(), JsonValueKind.True => true, JsonValueKind.False => false, JsonValueKind.Null => null, _ => value.GetString() }; break;
        }
    }

    // ---- keys

    private static string KeyOf(string by, NaiveLeg leg) => by switch
    {
        "" => "", "hall" => leg.Hall, "region" => RegionOf(leg.Hall), "department" => leg.Department ?? "", "service" => leg.Service, "hour" => HourOf(leg).ToString(CultureInfo.InvariantCulture),
        "line" => $"{leg.Hall}/{leg.Line}", "window" => $"{leg.Hall}/{leg.Window}", "staff" => $"{leg.Hall}/{leg.Staff}", _ => KeyOf(by, DateOnly.ParseExact(leg.Visit.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture)),
    };

    private static string KeyOf(string by, DateOnly day) => by switch
    {
        "weekday" => day.DayOfWeek.ToString().ToLowerInvariant(),
        "week" => $"2026-W{ISOWeek.GetWeekOfYear(day.ToDateTime(default))}",
        "month" => day.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    private Dictionary<string, NaiveTime> TimesBy(string by)
    {
        var rows = new Dictionary<string, NaiveTime>();
        foreach (var (hall, part, day, inSession) in _parts)
        {
            // Nobody's time is in no row of staff.
            if (by == "staff" && part.Staff is null) continue;
            var key = by switch { "" => "", "hall" => hall.Value, "region" => RegionOf(hall.Value), "window" => $"{hall}/{part.Window}", "staff" => $"{hall}/{part.Staff}", _ => KeyOf(by, day) };
            if (!rows.TryGetValue(key, out var time)) rows.Add(key, time = new NaiveTime());
            if (inSession) time.Uses[part.Use] = time.Uses.GetValueOrDefault(part.Use) + part.To - part.From;
            else if (part.Use != "closed" && !part.Use.StartsWith("paused", StringComparison.Ordinal)) time.Outside += part.To - part.From;
        }
        return rows;
    }

    private static string RegionOf(string hall) => "江苏省/" + s_halls.Single(h => h.Hall.Value == hall).Region;

    private static TimeZoneInfo ZoneOf(string hall) => s_halls.Single(h => h.Hall.Value == hall).Zone;

    private static DateTimeOffset Wall(long at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(at), zone);

    private static string Day(long at, TimeZoneInfo zone) => Wall(at, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static int HourOf(NaiveLeg leg) => Wall(leg.Joined, ZoneOf(leg.Hall)).Hour;

    // Neither zone changes its clock at midnight.
    private static IEnumerable<long> Midnights(TimeZoneInfo zone) =>
        Enumerable.Range(0, 11).Select(i => new DateTime(2026, 10, 25).AddDays(i)).Select(d => new DateTimeOffset(d, zone.GetUtcOffset(d)).ToUnixTimeMilliseconds());

    private static IEnumerable<NaiveStretch> Cut(NaiveStretch stretch, IEnumerable<long> at)
    {
        var from = stretch.From;
        foreach (var cut in at.Where(c => c > stretch.From && c < stretch.To).Distinct().Order())
        {
            yield return stretch with { From = from, To = cut };
            from = cut;
        }
        yield return stretch with { From = from };
    }

    private IHalls Halls => _host.App.Services.GetRequiredService<IHalls>();

    private uint Number(HallId hall) => Halls.Find(hall)!.Value.Number;

    private Task<JsonElement> GetAsync(string path) => _client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancel).JsonAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _client.Dispose();
        await _host.DisposeAsync();
    }
}

public sealed class RecomputedDaysOnSqliteTests(ITestOutputHelper output) : RecomputedDaysTests(SqlKind.Sqlite, output);

public sealed class RecomputedDaysOnPostgresTests(ITestOutputHelper output) : RecomputedDaysTests(SqlKind.Postgres, output);

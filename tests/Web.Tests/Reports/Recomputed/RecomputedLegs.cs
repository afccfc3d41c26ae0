using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HallOps.Web.Tests.Reports.Recomputed;

/// <content>The legs behind the figures, their file, and what should be looked at.</content>
public abstract partial class RecomputedDaysTests
{
    private async Task LegsAreTheFoldsAsync()
    {
        var actual = new List<JsonElement>();
        var after = "";
        do
        {
            var page = await GetAsync($"legs?{Exactly}&limit=997{after}");
            actual.AddRange(page.GetProperty("legs").EnumerateArray());
            after = page.TryGetProperty("next", out var next) ? $"&after={next.GetString()}" : "";
        }
        while (after.Length > 0);
        var expected = _legs.OrderBy(l => Number(new(l.Hall))).ThenBy(l => l.Visit.Day, StringComparer.Ordinal).ThenBy(l => l.Visit.Ordinal).ThenBy(l => l.Number).ToList();
        Assert.Equal(expected.Count, actual.Count);
        await FileIsTheLegsAsync(actual);
        // What is imported has a name of its own making: it is known by its times alone, and stands behind every figure above.
        expected.RemoveAll(l => l.IsImported);
        Assert.Equal(_imported.Count, actual.RemoveAll(l => l.GetProperty("id").GetString()!.Contains("--", StringComparison.Ordinal)));
        foreach (var (leg, row) in expected.Zip(actual))
        {
            string? Time(long? at) => at is { } some ? Wall(some, ZoneOf(leg.Hall)).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFzzz", CultureInfo.InvariantCulture) : null;
            double? Seconds(long? milliseconds) => milliseconds / 1000d;
            Dictionary<string, object?> ours = new()
            {
                ["hall"] = leg.Hall, ["id"] = $"{Number(new(leg.Hall))}-{leg.Visit.Ordinal}", ["leg"] = (double)leg.Number, ["day"] = leg.Visit.Day, ["service"] = leg.Service, ["line"] = leg.Line, ["department"] = leg.Department,
                ["joinedAt"] = Time(leg.Joined), ["since"] = Time(leg.Since), ["firstCalledAt"] = Time(leg.FirstCalled), ["calledAt"] = Time(leg.Called), ["startedAt"] = Time(leg.Started), ["finishedAt"] = Time(leg.Finished), ["endedAt"] = Time(leg.Ended),
                ["ratedAt"] = Time(leg.Rated), ["window"] = leg.Window, ["staff"] = leg.Staff, ["outcome"] = leg.Outcome, ["finishOutcome"] = leg.Finish, ["waitSeconds"] = Seconds(leg.Wait), ["walkSeconds"] = Seconds(leg.Walk),
                ["serviceSeconds"] = Seconds(leg.ServiceTime), ["toldLowSeconds"] = Seconds(leg.Told?.Low), ["toldMedianSeconds"] = Seconds(leg.Told?.Median), ["toldHighSeconds"] = Seconds(leg.Told?.High), ["toldBefore"] = (double)leg.Visit.ToldBefore,
                ["promisedDays"] = (double?)leg.Days?.Promised, ["statutoryDays"] = (double?)leg.Days?.Statutory, ["targetSeconds"] = Seconds(leg.Target),
            };
            foreach (var (name, value) in ours)
            {
                var theirs = row.GetProperty(name) is var member && member.ValueKind == JsonValueKind.Number ? member.GetDouble() : (object?)member.GetString();
                if (name.EndsWith("At", StringComparison.Ordinal) || name == "since") theirs = theirs is string text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFzzz", CultureInfo.InvariantCulture) : null;
                Assert.True(Equals(value, theirs), $"seed {_seed}, leg {ours["id"]}/{leg.Number} of {leg.Visit.Day}: {name} should be {value ?? "null"} and is {theirs ?? "null"}; {row.GetRawText()}");
            }
        }
    }

    private async Task FileIsTheLegsAsync(List<JsonElement> legs)
    {
        var text = Encoding.UTF8.GetString((await _client.GetByteArrayAsync(new Uri($"/api/v1/legs.csv?{Exactly}", UriKind.Relative), Cancel)).AsSpan(3));
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',')).ToList();
        Assert.Equal(legs.Count + 1, lines.Count);
        Dictionary<string, string> members = new() { ["issued"] = "issuedAt", ["joined"] = "joinedAt", ["firstCalled"] = "firstCalledAt", ["called"] = "calledAt", ["started"] = "startedAt", ["finished"] = "finishedAt", ["ended"] = "endedAt", ["rated"] = "ratedAt" };
        foreach (var (leg, line) in legs.Zip(lines.Skip(1)))
            for (var i = 0; i < lines[0].Length; i++)
            {
                var member = leg.GetProperty(members.GetValueOrDefault(lines[0][i], lines[0][i]));
                var said = member.ValueKind switch { JsonValueKind.Null => "", JsonValueKind.Number => member.GetDouble().ToString(CultureInfo.InvariantCulture), _ => member.GetString()! };
                if (members.ContainsKey(lines[0][i]) || lines[0][i] == "since") said = said.Length == 0 ? "" : DateTimeOffset.Parse(said, CultureInfo.InvariantCulture).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFzzz", CultureInfo.InvariantCulture);
                Assert.True(said == line[i], $"seed {_seed}, {lines[0][i]} of {leg.GetProperty("id")}: {said} in legs and {line[i]} in the file");
            }
    }

    private async Task FlagsAreTheFoldsAsync()
    {
        var expected = new List<string>();
        foreach (var window in _calls.GroupBy(c => (c.Hall, c.Window)))
        {
            var (calls, isIn) = (window.OrderBy(c => c.At).ToList(), new bool[window.Count()]);
            // Whatever is one of three within a minute is in a burst; bursts that share a call are one.
            for (var i = 0; i + 2 < calls.Count; i++)
                if (calls[i + 2].At - calls[i].At <= 60_000) isIn[i] = isIn[i + 1] = isIn[i + 2] = true;
            for (var i = 0; i < calls.Count; i++)
            {
                if (!isIn[i]) continue;
                var last = i + 2;
                while (last + 1 < calls.Count && calls[last + 1].At - calls[last - 1].At <= 60_000) last++;
                expected.Add($"burstOfCalls {window.Key.Hall} {window.Key.Window} {Wall(calls[i].At, ZoneOf(window.Key.Hall.Value)):O} {(calls[last].At - calls[i].At) / 1000d} {last - i + 1}");
                i = last;
            }
        }
        foreach (var service in _legs.Where(l => l.Finished is not null && l.Finish is not ("refused" or "left" or "referred")).GroupBy(l => (l.Hall, l.Service)))
        {
            var times = service.Select(l => l.ServiceTime!.Value).Order().ToList();
            if (times.Count < 20) continue;
            var median = times[(int)Math.Ceiling(times.Count / 2m) - 1];
            expected.AddRange(service.Where(l => l.ServiceTime <= 30_000 && l.ServiceTime * 10 <= median).Select(l => $"quickFinish {l.Hall} {l.Window} {Wall(l.Started!.Value, ZoneOf(l.Hall)):O} {l.ServiceTime / 1000d} 1"));
        }
        foreach (var (hall, part, _, inSession) in _parts)
            if (inSession && part.Use == "idleWaitedFor" && part.To - part.From >= 300_000) expected.Add($"longIdle {hall} {part.Window} {Wall(part.From, ZoneOf(hall.Value)):O} {(part.To - part.From) / 1000d} 0");
        var actual = (await GetAsync($"metrics/flags?{Exactly}")).EnumerateArray().Select(f =>
            $"{f.GetProperty("kind").GetString()} {f.GetProperty("hall").GetString()} {f.GetProperty("window").GetString()} {f.GetProperty("from").GetDateTimeOffset():O} {f.GetProperty("seconds").GetDouble()} {f.GetProperty("legs").GetArrayLength()}").ToList();
        Assert.True(expected.Order(StringComparer.Ordinal).SequenceEqual(actual.Order(StringComparer.Ordinal)), $"seed {_seed}, flags: {string.Join("; ", expected.Except(actual).Take(3))} and not {string.Join("; ", actual.Except(expected).Take(3))}");
        output.WriteLine(string.Join(", ", actual.GroupBy(f => f.Split(' ')[0]).Select(g => $"{g.Count()} {g.Key}")));
    }
}

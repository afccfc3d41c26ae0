using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>Rows as the projections write them, put into a server's database.</summary>
internal sealed class ReportRows(ServerHost host)
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    public static DateOnly Monday { get; } = new(2026, 3, 2);

    public static long At(DateOnly day, string time) => new DateTimeOffset(day.ToDateTime(TimeOnly.ParseExact(time, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture)), TimeSpan.FromHours(8)).ToUnixTimeMilliseconds();

    public uint Number(HallId? hall = null) => host.App.Services.GetRequiredService<IHalls>().Find(hall ?? DoorHost.Hall)!.Value.Number;

    public async Task LegsAsync(IEnumerable<MetricLeg> legs)
    {
        await RunAsync(legs.Select(l => ("legs", new Dictionary<string, object?>
        {
            ["hall"] = (long)Number(new HallId(l.Hall)), ["ticket"] = l.Ticket, ["leg"] = l.Leg, ["number"] = $"A{l.Ticket:000}", ["day"] = l.Day.ToString("O", CultureInfo.InvariantCulture), ["service"] = l.Service, ["line"] = l.Line, ["class"] = "normal",
            ["source"] = "kiosk", ["issued_at"] = l.JoinedAt, ["joined_at"] = l.JoinedAt, ["since"] = l.Since, ["first_called_at"] = l.FirstCalledAt, ["called_at"] = l.CalledAt, ["started_at"] = l.StartedAt, ["finished_at"] = l.FinishedAt,
            ["ended_at"] = l.EndedAt, ["window"] = l.Window, ["staff"] = l.Staff, ["outcome"] = Word(l.Outcome), ["finish_outcome"] = l.FinishOutcome is { } f ? Word(f) : null, ["grade"] = l.Grade is { } g ? Word(g) : null,
            ["overtook"] = 0, ["times"] = 1, ["misses"] = 0, ["state"] = "finished", ["told_low_ms"] = l.Told?.Low, ["told_median_ms"] = l.Told?.Median, ["told_high_ms"] = l.Told?.High, ["told_before"] = l.ToldBefore, ["department"] = l.Department,
            ["held_wait_ms"] = l.BeforeHold?.Wait, ["held_walk_ms"] = l.BeforeHold?.Walk, ["held_serving_ms"] = l.BeforeHold?.Serving ?? 0L, ["promised_days"] = l.Days?.Promised, ["statutory_days"] = l.Days?.Statutory, ["target_minutes"] = l.Target / 60_000,
        })));
    }

    public Task StretchesAsync(params (string Window, string Use, string? Reason, string? Staff, long From, long? To)[] stretches) => RunAsync(stretches.Select(s => ("window_time", new Dictionary<string, object?>
    {
        ["hall"] = (long)Number(), ["window"] = s.Window, ["from_at"] = s.From, ["use"] = s.Use, ["reason"] = s.Reason, ["staff"] = s.Staff, ["to_at"] = s.To,
    })));

    /// <param name="calls">Window, staff, ticket and time, of the first hall.</param>
    public Task CallsAsync(DateOnly day, params (string Window, string? Staff, long Ticket, string At)[] calls) => RunAsync(calls.Select((c, i) => ("calls", new Dictionary<string, object?>
    {
        ["hall"] = (long)Number(), ["sequence"] = 1_000_000L + i, ["ticket"] = c.Ticket, ["leg"] = 1, ["day"] = day.ToString("O", CultureInfo.InvariantCulture), ["at"] = At(day, c.At), ["window"] = c.Window, ["staff"] = c.Staff, ["reason"] = "FirstCome",
        ["overtook"] = 0,
    })));

    public Task DueAsync(params IEnumerable<DateOnly> days) => RunAsync(days.Select(day => ("rollups_due", new Dictionary<string, object?> { ["hall"] = (long)Number(), ["day"] = day.ToString("O", CultureInfo.InvariantCulture) })));

    /// <summary>The list of halls is behind: it is written a second after the rows.</summary>
    public async Task UnlistAsync()
    {
        await using var database = await host.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync();
        // Once it is there nothing writes it again.
        while (await database.Database.ExecuteSqlRawAsync("DELETE FROM halls") == 0) await Task.Delay(20);
    }

    /// <summary>The cells of some days, and of the months and years that are made of them.</summary>
    public async Task RollAsync(IReadOnlyList<MetricLeg> legs, HallId hall)
    {
        var cells = new Dictionary<(string Grain, string Dimension, string Bucket, string Key), Tally>();
        var seen = new HashSet<(string, string, string, string, long)>();
        foreach (var leg in legs)
        {
            var day = leg.Day.ToString("O", CultureInfo.InvariantCulture);
            foreach (var (grain, bucket) in new[] { ("day", day), ("month", day[..7]), ("year", day[..4]) })
                foreach (var (dimension, key) in new[] { ("hall", ""), ("service", leg.Service), ("line", leg.Line), ("window", leg.Window ?? ""), ("staff", leg.Staff ?? ""), ("department", leg.Department ?? ""), ("hour", leg.Joined.Hour.ToString("00", CultureInfo.InvariantCulture)) })
                {
                    if (!cells.TryGetValue((grain, dimension, bucket, key), out var tally)) cells.Add((grain, dimension, bucket, key), tally = new Tally());
                    tally.Add(leg, seen.Add((grain, dimension, bucket, key, leg.Ticket)), 0);
                }
        }
        await RunAsync(cells.Select(c => ("rollups", new Dictionary<string, object?>
        {
            ["grain"] = c.Key.Grain, ["dimension"] = c.Key.Dimension, ["bucket"] = c.Key.Bucket, ["hall"] = (long)Number(hall), ["key"] = c.Key.Key, ["tickets"] = c.Value[Count.Tickets], ["legs"] = c.Value[Count.Legs], ["called"] = c.Value[Count.Called],
            ["served"] = c.Value[Count.Served], ["no_show"] = c.Value[Count.NoShow], ["abandoned"] = c.Value[Count.Abandoned], ["withdrawn"] = c.Value[Count.Withdrawn], ["transferred"] = c.Value[Count.Transferred], ["void"] = c.Value[Count.Void],
            ["open"] = c.Value[Count.Open], ["wait_n"] = c.Value.Wait.Count, ["wait_ms"] = c.Value.Wait.Sum, ["walk_ms"] = c.Value.Walk.Sum, ["service_n"] = c.Value.Service.Count, ["service_ms"] = c.Value.Service.Sum, ["rated"] = c.Value.Rated,
            ["bad"] = c.Value.Bad, ["body"] = c.Value.ToBytes(), ["version"] = Tally.Version,
        })));
    }

    /// <summary>A leg of the first hall, with times of one day.</summary>
    public static MetricLeg Leg(DateOnly day, long ticket, string joined, string? called = null, string? started = null, string? finished = null, LegOutcome outcome = LegOutcome.Open, string? ended = null, string window = "1", string service = "s") => new()
    {
        Hall = "h", Ticket = ticket, Day = day, Joined = DateTimeOffset.FromUnixTimeMilliseconds(At(day, joined)).ToOffset(TimeSpan.FromHours(8)).DateTime, JoinedAt = At(day, joined), Since = At(day, joined),
        FirstCalledAt = Of(day, called), CalledAt = Of(day, called), StartedAt = Of(day, started), FinishedAt = Of(day, finished), EndedAt = Of(day, ended ?? finished), Outcome = outcome, Service = service, Line = "a",
        Window = called is null ? null : window, Staff = called is null ? null : "w0" + window,
    };

    /// <summary>A day's legs, drawn.</summary>
    public static IEnumerable<MetricLeg> Drawn(Random random, DateOnly day, long first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (joined, wait, walk, service) = (At(day, "08:30") + random.Next(0, 8 * 3_600_000), random.Next(0, 2_400_000), random.Next(1_000, 60_000), random.Next(30_000, 1_200_000));
            var leg = Leg(day, first + i, "08:30", service: random.Next(3) == 0 ? "t" : "s") with { JoinedAt = joined, Since = joined, Joined = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(joined), Zone).DateTime };
            var window = random.Next(2) == 0 ? "1" : "2";
            yield return random.Next(10) switch
            {
                0 => leg with { Outcome = LegOutcome.Abandoned, EndedAt = joined + wait },
                1 => leg with { Outcome = LegOutcome.NoShow, CalledAt = joined + wait, FirstCalledAt = joined + wait, EndedAt = joined + wait + 60_000, Window = window, Staff = "w0" + window },
                _ => leg with
                {
                    Outcome = LegOutcome.Served, CalledAt = joined + wait, FirstCalledAt = joined + wait, StartedAt = joined + wait + walk, FinishedAt = joined + wait + walk + service, EndedAt = joined + wait + walk + service, Window = window,
                    Staff = "w0" + window, FinishOutcome = (FinishOutcome)random.Next(3), Grade = random.Next(2) == 0 ? null : (Grade)random.Next(5), Told = new Told(wait / 2, wait, wait * 2),
                },
            };
        }
    }

    private static long? Of(DateOnly day, string? time) => time is null ? null : At(day, time);

    private static string Word<T>(T word) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(word.ToString());

    private async Task RunAsync(IEnumerable<(string Table, Dictionary<string, object?> Row)> rows)
    {
        await using var database = await host.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync();
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var (table, row) in rows)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // Names of tables and columns are this file's own.
            command.CommandText = $"INSERT INTO {table} ({string.Join(", ", row.Keys.Select(n => $"\"{n}\""))}) VALUES ({string.Join(", ", row.Select((c, i) => c.Value is null ? "NULL" : $"@p{i}"))})";
#pragma warning restore CA2100
            foreach (var (value, i) in row.Values.Select((v, i) => (v, i)).Where(v => v.v is not null))
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ($"@p{i}", value);
                command.Parameters.Add(parameter);
            }
            await command.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
    }
}

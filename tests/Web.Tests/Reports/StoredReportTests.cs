using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;
using HallOps.Core.Metrics;
using HallOps.Silo;
using HallOps.Silo.Scheduling;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Reports.Stored;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Reports.Recomputed;
using HallOps.Web.Tests.Storage;
using HallOps.Web.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Reports;

/// <summary>Reports of days and months: stored once, by the hourly work, with what the metrics answered then.</summary>
public abstract class StoredReportTests(SqlKind kind) : IAsyncLifetime
{
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    // A Tuesday, the first of a month.
    private readonly StandingTime _time = new(At("2026-12-01T09:00"));
    private ServerHost _host = null!;
    private HttpClient _admin = null!;
    private ReportRows _rows = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IHalls Halls => _host.App.Services.GetRequiredService<IHalls>();

    public async ValueTask InitializeAsync()
    {
        _host = await ServerHost.StartAsync(services => services.AddSingleton<TimeProvider>(_time), kind);
        (_admin, _rows) = (_host.As("admin@*"), new ReportRows(_host));
        foreach (var hall in new[] { DoorHost.Hall, DoorHost.Other }) await ListedAsync(hall);
    }

    [Fact]
    public async Task Day_OnceItsFiguresAreMade_IsStoredOnce_AsTheMetricsAnsweredThen_AndStaysSo()
    {
        var last = await PlayAsync();
        Assert.Equal("0 reports stored, 0 forgotten", await RunAsync());

        _time.Set(At("2026-12-02T00:15"));
        foreach (var hall in new[] { DoorHost.Hall, DoorHost.Other })
        {
            await SendAsync(new Poke(), hall);
            await ListedAsync(hall);
        }
        // It is over, and its figures are due.
        Assert.Equal("0 reports stored, 0 forgotten", await RunAsync());
        await RollAsync();
        // The other hall was open, and nobody came.
        Assert.Equal("2 reports stored, 0 forgotten", await RunAsync());
        Assert.Equal("0 reports stored, 0 forgotten", await RunAsync());

        var entry = Assert.Single((await GetAsync("reports?hall=h")).EnumerateArray());
        Assert.Equal("""{"hall":"h","period":"2026-12-01","from":"2026-12-01","to":"2026-12-01","madeAt":"2026-12-02T00:15:00+08:00","href":"/api/v1/reports/h/2026-12-01"}""", entry.GetRawText());
        var stored = await GetAsync("reports/h/2026-12-01");
        Assert.Equal(3, stored.GetProperty("total").GetProperty("legs").GetInt32());
        // Each line has its own.
        Assert.Equal(JsonValueKind.Null, stored.GetProperty("total").GetProperty("serviceLevel").GetProperty("targetSeconds").ValueKind);
        await IsWhatMetricsAnswerAsync(stored, "from=2026-12-01&to=2026-12-01");

        // Whoever was served yesterday rates today.
        Assert.Equal(AnswerStatus.Done, (await SendAsync(new RateTicket(last, Grade.VeryDissatisfied, [], null))).Status);
        await ListedAsync(DoorHost.Hall);
        await RollAsync();
        Assert.Equal("0 reports stored, 0 forgotten", await RunAsync());
        Assert.Equal(1, (await GetAsync("metrics/ratings?halls=h&from=2026-12-01&to=2026-12-01"))[0].GetProperty("bad").GetInt32());
        Assert.Equal(stored.GetRawText(), (await GetAsync("reports/h/2026-12-01")).GetRawText());
    }

    [Fact]
    public async Task DaysAndMonths_OfAnAbsence_AreMadeUpFor_WithTheirDays()
    {
        var days = new[] { "2026-11-30", "2026-11-28", "2026-10-27", "2026-10-26", "2025-12-15", "2025-10-31" }.Select(d => DateOnly.Parse(d, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        var random = new Random(3);
        var legs = days.SelectMany((day, i) => ReportRows.Drawn(random, day, 1 + 100 * i, 20)).ToList();
        await _rows.LegsAsync(legs);
        await _rows.RollAsync(legs, DoorHost.Hall);
        // A late rating came: neither the day nor its month is what it will be.
        await _rows.DueAsync(new DateOnly(2026, 11, 28));
        await RunAsync();
        Assert.Equal("2026-11-30 2026-10 2026-10-27 2025-12", await PeriodsAsync("h"));
        await RollAsync();
        Assert.Equal("2 reports stored, 0 forgotten", await RunAsync());
        Assert.Equal("2026-11 2026-11-30 2026-11-28 2026-10 2026-10-27 2025-12", await PeriodsAsync("h"));

        var month = await GetAsync("reports/h/2026-11");
        await IsWhatMetricsAnswerAsync(month, "from=2026-11-01&to=2026-11-30");
        Assert.Equal(["2026-11-28", "2026-11-30"], month.GetProperty("days").EnumerateArray().Select(d => d.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task Month_OfAHallThatIsNotKnownToBePastIt_Waits()
    {
        var legs = ReportRows.Drawn(new Random(4), new DateOnly(2026, 11, 20), 1, 5).ToList();
        await _rows.LegsAsync(legs);
        await _rows.RollAsync(legs, DoorHost.Hall);
        // The last days may have had visits that are still to be read from the journal.
        await ExecuteAsync($"UPDATE halls SET next_at = {ReportRows.At(new DateOnly(2026, 12, 1), "00:00")}");
        await RunAsync();
        Assert.Equal("2026-11-20", await PeriodsAsync("h"));
        await ExecuteAsync($"UPDATE halls SET next_at = {ReportRows.At(new DateOnly(2026, 12, 2), "00:00")}");
        await RunAsync();
        Assert.Equal("2026-11 2026-11-20", await PeriodsAsync("h"));
    }

    [Fact]
    public async Task Years_ThatAreImported_MakeThirteenMonthsAndTheirLastDays()
    {
        var csv = new StringBuilder("hall,line,service,number,issued,called,started,finished\n");
        for (var month = new DateOnly(2022, 1, 15); month < new DateOnly(2026, 12, 1); month = month.AddMonths(1)) csv.Append(System.Globalization.CultureInfo.InvariantCulture, $"h,a,s,A001,{month:yyyy-MM-dd}T09:00:00,{month:yyyy-MM-dd}T09:05:00,{month:yyyy-MM-dd}T09:06:00,{month:yyyy-MM-dd}T09:15:00\n");
        // A file may say that somebody comes tomorrow.
        csv.Append("h,a,s,A001,2026-12-03T09:00:00,,,\n");
        Assert.Equal(0, (await _host.App.Services.GetRequiredService<VisitsImporter>().RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), "visits.csv", check: false, null, Cancel)).RefusedCount);
        await RollAsync();
        Assert.Equal("14 reports stored, 0 forgotten", await RunAsync());
        Assert.Equal("2026-11 2026-11-15 2026-10 2026-09 2026-08 2026-07 2026-06 2026-05 2026-04 2026-03 2026-02 2026-01 2025-12 2025-11", await PeriodsAsync("h"));
    }

    [Fact]
    public async Task Hall_WhoseReportFails_StopsNoOther_AndIsNamed()
    {
        var day = new DateOnly(2026, 11, 30);
        foreach (var hall in new[] { DoorHost.Hall, DoorHost.Other })
        {
            var legs = ReportRows.Drawn(new Random(5), day, 1, 5).Select(l => l with { Hall = hall.Value }).ToList();
            await _rows.LegsAsync(legs);
            await _rows.RollAsync(legs, hall);
        }
        await ExecuteAsync($"UPDATE legs SET outcome = 'vanished' WHERE hall = {_rows.Number()}");
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(RunAsync);
        Assert.StartsWith("2 reports stored, 0 forgotten; not those of 1 halls (h: ", failed.Message, StringComparison.Ordinal);
        Assert.Equal(("", "2026-11 2026-11-30"), (await PeriodsAsync("h"), await PeriodsAsync("o")));
        await ExecuteAsync("UPDATE legs SET outcome = 'served' WHERE outcome = 'vanished'");
        Assert.Equal("2 reports stored, 0 forgotten", await RunAsync());
    }

    [Fact]
    public async Task DaysOfLongAgo_AreForgotten_AndMonthsStay()
    {
        foreach (var period in new[] { "2024-10", "2025-10-27", "2025-10-26" }) await ExecuteAsync($"INSERT INTO stored_reports (hall, period, made_at, version, body) VALUES ({_rows.Number()}, '{period}', 0, 1, '{{}}')");
        Assert.Equal("0 reports stored, 1 forgotten", await RunAsync());
        Assert.Equal("2025-10-27 2024-10", await PeriodsAsync("h"));
    }

    [Theory]
    [InlineData("admin@*", "reports", 400, "BadField")]
    [InlineData("admin@*", "reports?hall=h,o", 400, "BadField")]
    [InlineData("admin@*", "reports?hall=nowhere", 404, "UnknownHall")]
    [InlineData("analyst@o", "reports?hall=h", 403, "NotAllowed")]
    [InlineData("analyst@o", "reports/h/2026-11", 403, "NotAllowed")]
    [InlineData("admin@*", "reports/nowhere/2026-11", 404, "UnknownHall")]
    [InlineData("analyst@h", "reports/h/2026-11", 404, "UnknownReport")]
    [InlineData("analyst@h", "reports/h/2026-11-31", 404, "UnknownReport")]
    [InlineData("analyst@h", "reports/h/november", 404, "UnknownReport")]
    public async Task Question_ThatHasNoAnswer_IsToldWhy(string who, string path, int status, string code)
    {
        using var client = _host.As(who);
        using var answer = await client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancel);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
        Assert.Equal(((HttpStatusCode)status, code), (answer.StatusCode, problem.GetProperty("code").GetString()));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _admin.Dispose();
        await _host.DisposeAsync();
    }

    /// <summary>Three come; one is served after four minutes and rates, one after ten and does not yet, one leaves.</summary>
    /// <returns>Who has not rated.</returns>
    private async Task<TicketId> PlayAsync()
    {
        var (window, clerk) = (new WindowId("1"), new Clerk("clerk1", new StaffId("w01"), false));
        var tickets = new List<TicketId>();
        await SendAsync(new OpenWindow(window, clerk, null));
        for (var i = 0; i < 3; i++) tickets.Add(((IssuedReply)(await SendAsync(new IssueTicket(new ServiceId("s"), null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null))).Reply!).Id);
        await SendAsync(new CancelTicket(tickets[2]));
        foreach (var time in new[] { "09:04", "09:10" })
        {
            _time.Set(At($"2026-12-01T{time}"));
            await SendAsync(new CallNext(window, clerk));
            await SendAsync(new StartService(window, clerk));
            _time.Set(At($"2026-12-01T{time}").AddMinutes(5));
            await SendAsync(new FinishService(window, clerk, FinishOutcome.Done, null, 1));
        }
        await SendAsync(new RateTicket(tickets[0], Grade.Satisfied, [], null));
        await ListedAsync(DoorHost.Hall);
        return tickets[1];
    }

    private async Task IsWhatMetricsAnswerAsync(JsonElement stored, string days)
    {
        var waits = $"metrics/waits?halls=h&{days}";
        await SameAsync("total", async () => (await GetAsync(waits))[0]);
        await SameAsync("hours", () => GetAsync(waits + "&by=hour"));
        await SameAsync("services", () => GetAsync(waits + "&by=service"));
        if (stored.TryGetProperty("days", out _)) await SameAsync("days", () => GetAsync(waits + "&by=day"));
        await SameAsync("windows", () => GetAsync($"metrics/windows?halls=h&{days}"));
        await SameAsync("staff", () => GetAsync($"metrics/staff?halls=h&{days}"));
        await SameAsync("ratings", async () => (await GetAsync($"metrics/ratings?halls=h&{days}"))[0]);
        // The same row, of all in one.
        await SameAsync("time", async () =>
        {
            var row = (JsonObject)JsonNode.Parse((await GetAsync($"metrics/windows?halls=h&{days}&by=hall"))[0].GetRawText())!;
            row["key"] = null;
            return JsonSerializer.SerializeToElement(row);
        });
        var flags = (await GetAsync($"metrics/flags?halls=h&{days}")).EnumerateArray().CountBy(f => f.GetProperty("kind").GetString()!).ToDictionary();
        Assert.All(stored.GetProperty("flags").EnumerateObject(), told => Assert.Equal(flags.GetValueOrDefault(told.Name), told.Value.GetInt32()));

        async Task SameAsync(string part, Func<Task<JsonElement>> ask)
        {
            var answer = await ask();
            Assert.True(JsonElement.DeepEquals(answer, stored.GetProperty(part)), $"{part} should be {answer.GetRawText()} and is {stored.GetProperty(part).GetRawText()}");
        }
    }

    private Task<string> RunAsync() => Assert.Single(_host.App.Services.GetServices<IHousekeeping>().OfType<ReportKeeping>()).RunAsync(Cancel);

    private Task RollAsync() => _host.App.Services.GetRequiredService<EngineHost>().Roller.RollAsync(Cancel);

    private async Task<HallAnswer> SendAsync(HallCommand command, HallId? hall = null)
    {
        var answer = await Halls.SendAsync(hall ?? DoorHost.Hall, new HallRequest(command, "test"), Cancel);
        Assert.True(answer.Status == AnswerStatus.Done, $"{command}: {answer.Status} {answer.Refusal}");
        return answer;
    }

    /// <summary>What the hall has recorded is in the tables, and in the list of halls.</summary>
    private async Task ListedAsync(HallId hall)
    {
        var (number, sequence) = (_rows.Number(hall), (await Halls.ReadAsync(hall, new ReadListing(), Cancel))!.Sequence);
        for (var tries = 0; tries < 15; tries++)
        {
            await _host.App.Services.GetRequiredService<IHallList>().HasAsync(number, sequence, Cancel);
            await using var database = await OpenAsync();
            if ((await database.Database.SqlQuery<long>($"SELECT sequence AS \"Value\" FROM halls WHERE number = {(long)number}").ToListAsync(Cancel)).Any(s => s >= sequence)) return;
        }
        Assert.Fail($"Hall {hall} was to be listed as of {sequence} within half a minute.");
    }

    private async Task<JsonElement> GetAsync(string path) => await _admin.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancel).JsonAsync();

    private async Task<string> PeriodsAsync(string hall) => string.Join(' ', (await GetAsync($"reports?hall={hall}")).EnumerateArray().Select(r => r.GetProperty("period").GetString()));

    private async Task ExecuteAsync(string sql)
    {
        await using var database = await OpenAsync();
#pragma warning disable EF1002 // This file's own.
        await database.Database.ExecuteSqlRawAsync(sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), Cancel);
#pragma warning restore EF1002
    }

    private async Task<HallOpsDb> OpenAsync()
    {
        var database = await _host.App.Services.GetRequiredService<IDbContextFactory<HallOpsDb>>().CreateDbContextAsync(Cancel);
        await database.Database.OpenConnectionAsync(Cancel);
        return database;
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time + "+08:00", System.Globalization.CultureInfo.InvariantCulture);
}

public sealed class StoredReportSqliteTests() : StoredReportTests(SqlKind.Sqlite);

public sealed class StoredReportPostgresTests() : StoredReportTests(SqlKind.Postgres);

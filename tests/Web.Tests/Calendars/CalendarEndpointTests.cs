using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Calendars;

/// <summary>A hall's calendar over HTTP: read, tried, changed by its manager; what it compiles to and what of it is uncovered.</summary>
public sealed class CalendarEndpointTests
{
    private const string Path = "/api/v1/halls/h/calendar";

    // Monday.
    private static readonly DateTimeOffset Start = DateTimeOffset.Parse("2026-11-23T08:00:00+08:00", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task Calendar_IsChangedByItsManager_InTheVersionTheyRead_AndTheRestOfTheDocumentStays()
    {
        await using var host = await HostAsync();
        using var manager = host.As("manager@h");
        using var admin = host.As("admin@h");
        using var auditor = host.As("auditor@h");
        var (read, version) = await ReadAsync(auditor);
        Assert.Equal("always", (string?)read["sessions"]);
        var config = await admin.GetAsync(new Uri("/api/v1/halls/h/config", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();

        var put = await PutAsync(manager, Week(), version).JsonAsync();
        Assert.True(put.GetProperty("applied").GetBoolean());
        var (now, next) = await ReadAsync(manager);
        Assert.True(JsonNode.DeepEquals(Week(), now));
        Assert.Equal($"\"{put.GetProperty("version").GetString()}\"", next);
        var after = await admin.GetAsync(new Uri("/api/v1/halls/h/config", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
        foreach (var field in config.EnumerateObject().Where(f => f.Name != "calendar")) Assert.True(JsonElement.DeepEquals(field.Value, after.GetProperty(field.Name)), field.Name);

        // Somebody who read the version before is told, and what they typed changes nothing.
        await PutAsync(manager, JsonNode.Parse("""{"sessions": "always"}""")!, version).ProblemAsync(412, "VersionChanged");
        Assert.Equal(next, (await ReadAsync(manager)).Version);
        // One who sent it twice is not.
        var key = Guid.NewGuid().ToString();
        var shorter = Week(w => w["sessions"]![0]!["to"] = "16:00");
        var first = await PutAsync(manager, shorter, next, key: key).JsonAsync();
        Assert.Equal(first.GetProperty("version").GetString(), (await PutAsync(manager, shorter, next, key: key).JsonAsync()).GetProperty("version").GetString());
    }

    [Theory]
    [InlineData("sessions[0].from", """{"sessions": [{"kind": "regular", "days": ["workday"], "from": "25 o'clock", "to": "17:00"}]}""")]
    [InlineData("sessions[0].days[0]", """{"sessions": [{"kind": "regular", "days": ["2026-02-30"], "from": "09:00", "to": "17:00"}]}""")]
    [InlineData("roster[0].window", """{"sessions": "always", "roster": [{"window": "9", "a": "w01"}]}""")]
    [InlineData("absences[0].staff", """{"sessions": "always", "absences": [{"staff": "w09", "from": "2026-11-24T09:00", "to": "2026-11-24T12:00", "kind": "leave"}]}""")]
    [InlineData("openAt", """{"sessions": "always", "openAt": "09:00"}""")]
    [InlineData("", "[]")]
    [InlineData("", "{")]
    public async Task Calendar_ThatIsWrong_IsRefusedWithThePathOfTheField_TriedOrPut(string field, string body)
    {
        await using var host = await HostAsync();
        using var manager = host.As("manager@h");
        foreach (var query in new[] { "", "?check=true" })
        {
            var problem = await manager.SendAsync(HttpMethod.Put, Path + query, body).ProblemAsync(400, "BadField", field);
            Assert.NotEmpty(problem.GetProperty("problems").EnumerateArray());
        }
    }

    [Fact]
    public async Task Check_SaysWhichGapsAppearAndWhoIsBooked_AndChangesNothing()
    {
        await using var host = await HostAsync();
        using var manager = host.As("manager@h");
        using var guide = host.As("guide@h");
        await PutAsync(manager, Week()).JsonAsync();
        var version = (await ReadAsync(manager)).Version;
        var booked = await guide.PostAsync("/api/v1/halls/h/appointments", """{"service": "s", "slot": "2026-11-24T10:00:00+08:00", "phone": "13812345678"}""").JsonAsync(201);
        await guide.PostAsync("/api/v1/halls/h/appointments", """{"service": "s", "slot": "2026-11-24T15:00:00+08:00"}""").JsonAsync(201);

        // Both are away on Tuesday's morning: nobody is there at ten, somebody is at three.
        var away = Week(w => w["absences"] = JsonNode.Parse("""[{"staff": "w01", "from": "2026-11-24T09:00", "to": "2026-11-24T12:00", "kind": "leave"}, {"staff": "w02", "from": "2026-11-24T09:00", "to": "2026-11-24T12:00", "kind": "training"}]"""));
        var told = await PutAsync(manager, away, query: "?check=true&from=2026-11-23&to=2026-11-29").JsonAsync();
        Assert.False(told.GetProperty("applied").GetBoolean());
        Assert.Equal(version, $"\"{told.GetProperty("version").GetString()}\"");
        var one = Assert.Single(told.GetProperty("appointments").EnumerateArray());
        Assert.Equal((booked.GetProperty("code").GetString(), "s", "5678", "2026-11-24T10:00:00+08:00"),
            (one.GetProperty("code").GetString(), one.GetProperty("service").GetString(), one.GetProperty("phoneEnd").GetString(), one.GetProperty("slot").GetString()));
        Assert.DoesNotContain("13812345678", told.ToString(), StringComparison.Ordinal);
        Assert.Equal(["s", "t"], told.GetProperty("gapsAppear").EnumerateArray().Select(g => g.GetProperty("service").GetString()!));
        Assert.All(told.GetProperty("gapsAppear").EnumerateArray(), g => Assert.Equal("2026-11-24T12:00:00+08:00", g.GetProperty("reopensAt").GetString()));
        Assert.Equal("2026-11-24", Assert.Single(told.GetProperty("coverage").EnumerateArray()).GetProperty("date").GetString());
        Assert.Empty(told.GetProperty("gapsGo").EnumerateArray());
        Assert.Equal(7, told.GetProperty("timeline").GetArrayLength());
        Assert.Equal(version, (await ReadAsync(manager)).Version);

        // Put, it says so again, for whoever has to telephone; the way back is seen as well.
        Assert.Single((await PutAsync(manager, away).JsonAsync()).GetProperty("appointments").EnumerateArray());
        var back = await PutAsync(manager, Week(), query: "?check=true").JsonAsync();
        Assert.Equal((0, 2, 0), (back.GetProperty("gapsAppear").GetArrayLength(), back.GetProperty("gapsGo").GetArrayLength(), back.GetProperty("appointments").GetArrayLength()));
        Assert.Empty(back.GetProperty("timeline").EnumerateArray());
    }

    [Fact]
    public async Task Timeline_HasTheAnnouncedHolidays_AndCoverageWarnsOfAYearThatIsNot()
    {
        await using var host = await HostAsync();
        using var manager = host.As("manager@h");
        await PutAsync(manager, Week()).JsonAsync();
        var days = await GetAsync("timeline?date=2026-10-01&to=2026-10-11");
        Assert.Equal(["holiday", "makeup", "restday"], new[] { 0, 9, 10 }.Select(n => days[n].GetProperty("day").GetString()!));
        Assert.Equal((0, 1), (days[0].GetProperty("intervals").GetArrayLength(), days[9].GetProperty("intervals").GetArrayLength()));
        Assert.Equal("w01", days[9].GetProperty("intervals")[0].GetProperty("windows")[0].GetProperty("staff").GetString());
        Assert.Equal(1, (await GetAsync("timeline?date=2026-10-12")).GetArrayLength());

        // 2027 is not announced yet (F10).
        Assert.Contains("2027", Assert.Single((await GetAsync("coverage?from=2027-02-01"))[0].GetProperty("warnings").EnumerateArray()).GetString()!, StringComparison.Ordinal);
        var coming = await GetAsync("coverage");
        Assert.Equal((31, "2026-11-23"), (coming.GetArrayLength(), coming[0].GetProperty("date").GetString()));
        Assert.Equal(366, (await GetAsync("coverage?from=2024-01-01&to=2024-12-31")).GetArrayLength());

        foreach (var (query, field) in new[]
            {
                ("timeline", "date"), ("timeline?date=2026-02-30", "date"), ("timeline?date=2026-11-21&to=2026-11-20", "to"), ("timeline?date=2026-11-01&to=2027-01-02", "to"),
                ("coverage?from=2024-01-01&to=2025-01-01", "to"), ("coverage?to=2026-11-21", "from"),
            })
            await manager.GetAsync(new Uri($"/api/v1/halls/h/{query}", UriKind.Relative), TestContext.Current.CancellationToken).ProblemAsync(400, "BadField", field);

        Task<JsonElement> GetAsync(string query) => manager.GetAsync(new Uri($"/api/v1/halls/h/{query}", UriKind.Relative), TestContext.Current.CancellationToken).JsonAsync();
    }

    private static Task<ServerHost> HostAsync()
    {
        var time = new TestTime();
        time.Forward(Start - time.GetUtcNow());
        return ServerHost.StartAsync(services => services.AddSingleton<TimeProvider>(time));
    }

    /// <summary>Open on working days from nine to five, both windows with their people.</summary>
    private static JsonObject Week(Action<JsonObject>? change = null)
    {
        var week = JsonNode.Parse("""
            {"timeZone": "Asia/Shanghai", "holidays": "CN", "sessions": [{"kind": "regular", "days": ["workday"], "from": "09:00", "to": "17:00"}],
             "roster": [{"window": "1", "a": "w01"}, {"window": "2", "a": "w02"}]}
            """)!.AsObject();
        change?.Invoke(week);
        return week;
    }

    private static async Task<(JsonNode Calendar, string Version)> ReadAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri(Path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)answer.StatusCode);
        return (JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!, answer.Headers.ETag!.Tag);
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, JsonNode calendar, string? version = null, string query = "", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Path + query) { Content = new StringContent(calendar.ToJsonString(), Encoding.UTF8, "application/json") };
        if (version is not null) request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(version));
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}

using System.Text;
using System.Text.Json;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Calendars;

/// <summary>Other holidays put in the place of the product's: who has to be told, and halls that go by them from then on.</summary>
public sealed class HolidayEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // China's first notice of 2020 had the Spring Festival until 30 January and Saturday, 1 February, as a working day; the second one, during it, went on until 2 February.
    private const string FirstNotice = """
        {"$schema": "https://raw.githubusercontent.com/NateScarlet/holiday-cn/master/schema.json", "year": 2020, "papers": ["the notice of 21 November 2019"], "days": [
          {"name": "春节", "date": "2020-01-19", "isOffDay": false}, {"name": "春节", "date": "2020-01-24", "isOffDay": true}, {"name": "春节", "date": "2020-01-27", "isOffDay": true},
          {"name": "春节", "date": "2020-01-28", "isOffDay": true}, {"name": "春节", "date": "2020-01-29", "isOffDay": true}, {"name": "春节", "date": "2020-01-30", "isOffDay": true},
          {"name": "春节", "date": "2020-02-01", "isOffDay": false}]}
        """;

    private const string SecondNotice = """
        {"year": 2020, "papers": ["the notice of 26 January 2020"], "days": [
          {"name": "春节", "date": "2020-01-19", "isOffDay": false}, {"name": "春节", "date": "2020-01-24", "isOffDay": true}, {"name": "春节", "date": "2020-01-27", "isOffDay": true},
          {"name": "春节", "date": "2020-01-28", "isOffDay": true}, {"name": "春节", "date": "2020-01-29", "isOffDay": true}, {"name": "春节", "date": "2020-01-30", "isOffDay": true},
          {"name": "春节", "date": "2020-01-31", "isOffDay": true}, {"name": "春节", "date": "2020-02-01", "isOffDay": true}, {"name": "春节", "date": "2020-02-02", "isOffDay": true}]}
        """;

    [Fact]
    public async Task F10_SecondNoticeDuringTheHoliday_ListsWhomToTell_AndIsGoneByOverARestart()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("hallops-holidays-").FullName);
        var time = new TestTime();
        time.Forward(new DateTimeOffset(2020, 1, 28, 10, 0, 0, TimeSpan.FromHours(8)) - time.GetUtcNow());
        string code;
        await using (var server = await RunningServer.StartAsync(folder, time: time))
        {
            await server.SetUpAsync();
            await server.AddHallAsync("h", Document("h", "\"CN\""));
            await server.AddHallAsync("own", Document("own", "\"none\""));
            using var admin = await server.SignInAsync();
            Assert.Equal("product", (await admin.SendAsync(HttpMethod.Get, "holidays", null).JsonAsync()).GetProperty("source").GetString());
            Assert.True((await PutAsync(admin, FirstNotice)).GetProperty("applied").GetBoolean());
            code = await BookAsync(admin, "h", "2020-01-31T10:00:00+08:00", "13812345678");
            await BookAsync(admin, "h", "2020-02-01T10:00:00+08:00");
            await BookAsync(admin, "h", "2020-02-03T10:00:00+08:00");
            await BookAsync(admin, "own", "2020-01-31T10:00:00+08:00");

            var told = await PutAsync(admin, SecondNotice, "?check=true");
            Assert.False(told.GetProperty("applied").GetBoolean());
            Assert.Equal([("2020-01-31", (bool?)null, true), ("2020-02-01", false, true), ("2020-02-02", null, true)],
                told.GetProperty("changes").EnumerateArray().Select(c => (c.GetProperty("date").GetString()!, Flag(c, "wasOffDay"), Flag(c, "isOffDay") == true)));
            var hall = Assert.Single(told.GetProperty("halls").EnumerateArray());
            Assert.Equal("h", hall.GetProperty("hall").GetString());
            Assert.Equal(["2020-01-31T10:00:00+08:00", "2020-02-01T10:00:00+08:00"], hall.GetProperty("appointments").EnumerateArray().Select(a => a.GetProperty("slot").GetString()!));
            Assert.Equal((code, "5678"), (hall.GetProperty("appointments")[0].GetProperty("code").GetString(), hall.GetProperty("appointments")[0].GetProperty("phoneEnd").GetString()));
            Assert.Empty(told.GetProperty("notAsked").EnumerateArray());
            // Asked only: nothing of it holds yet.
            Assert.NotEmpty((await SlotsAsync(admin, "2020-01-31")).EnumerateArray());

            Assert.Equal(2, Assert.Single((await PutAsync(admin, SecondNotice)).GetProperty("halls").EnumerateArray()).GetProperty("appointments").GetArrayLength());
            await WaitForAsync(async () => (await SlotsAsync(admin, "2020-01-31")).GetArrayLength() == 0, "the hall to hear of the second notice");
            await using var scope = server.App.Services.CreateAsyncScope();
            Assert.Contains(scope.ServiceProvider.GetRequiredService<HallOpsDb>().Audit.Where(r => r.What == "holidaysReplaced").Select(r => r.Detail).ToList(), d => d == "years 2020; 3 dates changed; 2 appointments in 1 halls affected");
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.HolidaysPath));
        }
        await using (var again = await RunningServer.StartAsync(folder, time: time))
        {
            using var admin = await again.SignInAsync();
            var kept = await admin.SendAsync(HttpMethod.Get, "holidays", null).JsonAsync();
            Assert.Equal("replaced", kept.GetProperty("source").GetString());
            var year = Assert.Single(kept.GetProperty("years").EnumerateArray(), y => y.GetProperty("year").GetInt32() == 2020);
            Assert.Equal("the notice of 26 January 2020", year.GetProperty("papers")[0].GetString());
            Assert.Equal(9, year.GetProperty("days").GetArrayLength());
            // The other years are still the product's.
            Assert.Contains(kept.GetProperty("years").EnumerateArray(), y => y.GetProperty("year").GetInt32() == 2026);
            // What is served is a file that can be put in again.
            Assert.Empty((await PutAsync(admin, kept.ToString().Replace("\"source\":\"replaced\"", "\"source\":\"a copy\"", StringComparison.Ordinal), "?check=true")).GetProperty("changes").EnumerateArray());
        }
        await File.WriteAllTextAsync(folder.HolidaysPath, """{"years": [{"year": 2020, "days": [{"date": "2020-02-30"}]}]}""", Cancel);
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => RunningServer.StartAsync(folder, time: time));
        Assert.Contains("years[0].days[0].date", refused.Message, StringComparison.Ordinal);
        Directory.Delete(folder.FullPath, recursive: true);
    }

    [Fact]
    public async Task Holidays_ThatAreWrong_AreRefusedWithThePathOfTheField()
    {
        await using var host = await ServerHost.StartAsync();
        using var admin = host.As("admin@*");
        await admin.SendAsync(HttpMethod.Put, "/api/v1/holidays", """{"year": 2028, "days": [{"name": "元旦", "date": "2028-13-01", "isOffDay": true}]}""").ProblemAsync(400, "BadField", "days[0].date");
        await admin.SendAsync(HttpMethod.Put, "/api/v1/holidays?check=true", """{"years": [{"year": 2028, "days": []}, {"year": 2028, "days": []}]}""").ProblemAsync(400, "BadField", "years[1].year");
        await admin.SendAsync(HttpMethod.Put, "/api/v1/holidays", "{").ProblemAsync(400, "BadField");
        await admin.SendAsync(HttpMethod.Put, "/api/v1/holidays", "").ProblemAsync(400, "BodyMissing");
        Assert.False(File.Exists(host.App.Services.GetRequiredService<DataFolder>().HolidaysPath));
    }

    private static bool? Flag(JsonElement of, string name) => of.GetProperty(name) is { ValueKind: not JsonValueKind.Null } flag ? flag.GetBoolean() : null;

    private static string Document(string hall, string holidays) => RunningServer.Document(hall)
        .Replace("\"kind\": \"immediate\"", "\"kind\": \"immediate\", \"appointments\": {\"slotMinutes\": 30, \"capacity\": 4, \"daysAhead\": 10}", StringComparison.Ordinal)
        .Replace("\"sessions\": \"always\"", $"\"holidays\": {holidays}, \"sessions\": [{{\"kind\": \"regular\", \"days\": [\"workday\"], \"from\": \"09:00\", \"to\": \"17:00\"}}]", StringComparison.Ordinal);

    private static async Task<JsonElement> PutAsync(HttpClient admin, string body, string query = "")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await admin.PutAsync(new Uri("holidays" + query, UriKind.Relative), content, Cancel).JsonAsync();
    }

    private static async Task<string> BookAsync(HttpClient admin, string hall, string slot, string? phone = null) =>
        (await admin.PostAsync($"halls/{hall}/appointments", JsonSerializer.Serialize(new { service = "s", slot, phone }), Guid.NewGuid().ToString()).JsonAsync(201)).GetProperty("code").GetString()!;

    private static Task<JsonElement> SlotsAsync(HttpClient admin, string date) => admin.SendAsync(HttpMethod.Get, $"halls/h/slots?service=s&date={date}", null).JsonAsync();

    private static async Task WaitForAsync(Func<Task<bool>> isSo, string what)
    {
        for (var n = 0; n < 500; n++)
        {
            if (await isSo()) return;
            await Task.Delay(20, Cancel);
        }
        Assert.Fail($"Waited ten seconds in vain for {what}.");
    }
}

using System.Net;
using System.Net.Http.Json;
using HallOps.Web.Operations;
using HallOps.Web.Tests.Operations;

namespace HallOps.Web.Tests.Tickets;

public sealed class AgeTests
{
    // Sixty on 2 November 2040.
    private const string BornIn1980 = "110105198011020015";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Age_IsReckonedOnTheHallsClock_AndOnTheDateOfItsZone()
    {
        // 14:00 in Shanghai, and still the evening before in Los Angeles.
        await using var server = await RunningServer.StartAsync(clock: new ClockSettings(new DateTimeOffset(2040, 11, 2, 6, 0, 0, TimeSpan.Zero), 1));
        await server.SetUpAsync();
        await server.AddHallAsync("shanghai", Document("shanghai", "Asia/Shanghai"));
        await server.AddHallAsync("los-angeles", Document("los-angeles", "America/Los_Angeles"));
        using var guide = await server.SignInAsync();

        using var today = await IssueAsync(guide, "shanghai");
        using var tomorrow = await IssueAsync(guide, "los-angeles");

        Assert.Equal(HttpStatusCode.Created, today.StatusCode);
        Assert.Equal("ClassNotGranted", await RunningServer.CodeOf(tomorrow));
    }

    [Fact]
    public async Task Age_OfSomebodyWhoIsNotThere_GrantsNothing()
    {
        await using var server = await RunningServer.StartAsync(clock: new ClockSettings(new DateTimeOffset(2041, 11, 2, 6, 0, 0, TimeSpan.Zero), 1));
        await server.SetUpAsync();
        await server.AddHallAsync("shanghai", Document("shanghai", "Asia/Shanghai"));
        using var guide = await server.SignInAsync();

        using var onBehalf = await IssueAsync(guide, "shanghai", "agent");
        using var there = await IssueAsync(guide, "shanghai");

        Assert.Equal("ClassNotGranted", await RunningServer.CodeOf(onBehalf));
        Assert.Equal(HttpStatusCode.Created, there.StatusCode);
    }

    [Fact]
    public async Task IdNumber_InAHallThatIsNotThere_IsA404()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var guide = await server.SignInAsync();
        using var answer = await IssueAsync(guide, "nowhere");
        Assert.Equal("UnknownHall", await RunningServer.CodeOf(answer));
    }

    private static Task<HttpResponseMessage> IssueAsync(HttpClient guide, string hall, string source = "guide") =>
        guide.PostAsJsonAsync($"halls/{hall}/tickets", new { service = "s", @class = "elderly", idNumber = BornIn1980, source }, Cancel);

    private static string Document(string hall, string zone) => RunningServer.Document(hall)
        .Replace("\"zones\"", """ "classes": [{"class": "elderly", "creditMinutes": 15, "grantedBy": ["idCard"], "ageFrom": 60}], "zones" """, StringComparison.Ordinal)
        .Replace("Asia/Shanghai", zone, StringComparison.Ordinal);
}

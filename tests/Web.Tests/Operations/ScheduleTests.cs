using System.Net.Http.Json;
using System.Text.Json;
using HallOps.Silo;
using HallOps.Silo.Scheduling;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Operations;

/// <summary>What admins see of the schedule and the clock, on the whole server.</summary>
public sealed class ScheduleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hall_ThatIsNew_IsPlannedWithItsNextMomentAndStaysSoOverARestart()
    {
        var folder = Directory.CreateTempSubdirectory("hallops-schedule-");
        await using (var first = await RunningServer.StartAsync(new DataFolder(folder.FullName)))
        {
            await first.SetUpAsync();
            await first.AddHallAsync("h");
            // A new document is answered once the list has it, and the list tells the schedule.
            var hall = await PlannedAsync(first);
            Assert.Equal("h", hall.GetProperty("hall").GetString());
            Assert.True(hall.GetProperty("nextAt").GetDateTimeOffset() > first.Time.GetUtcNow());
            Assert.Equal(hall.GetProperty("nextAt").GetDateTimeOffset(), hall.GetProperty("pokeAt").GetDateTimeOffset());
        }
        await using (var again = await RunningServer.StartAsync(new DataFolder(folder.FullName)))
        {
            // From the list alone: nobody asked for the hall.
            Assert.NotNull(Assert.Single(again.App.Services.GetRequiredService<PokeSchedule>().Read().Halls).PokeAt);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Schedule_HasTheAdminsHallsOnlyAndAtMostAsManyAsAskedFor()
    {
        await using var host = await ServerHost.StartAsync();
        await WaitForAsync(host, 2);
        using var all = host.As("admin@*");
        using var one = host.As("admin@h");

        var everything = await all.SendAsync(HttpMethod.Get, "/api/v1/schedule", null).JsonAsync();
        Assert.Equal(2, everything.GetProperty("hallCount").GetInt32());
        Assert.Equal(["h", "o"], everything.GetProperty("halls").EnumerateArray().Select(h => h.GetProperty("hall").GetString()!).Order());
        Assert.Equal((1, 0, false), (everything.GetProperty("clock").GetProperty("speed").GetDouble(), everything.GetProperty("clock").GetProperty("stepSeconds").GetDouble(), everything.GetProperty("clock").GetProperty("needsAccepting").GetBoolean()));
        Assert.Empty(everything.GetProperty("problems").EnumerateArray());
        var limited = await all.SendAsync(HttpMethod.Get, "/api/v1/schedule?limit=1", null).JsonAsync();
        Assert.Equal((1, 2), (limited.GetProperty("halls").GetArrayLength(), limited.GetProperty("hallCount").GetInt32()));
        var own = await one.SendAsync(HttpMethod.Get, "/api/v1/schedule", null).JsonAsync();
        Assert.Equal("h", Assert.Single(own.GetProperty("halls").EnumerateArray()).GetProperty("hall").GetString());
        await all.SendAsync(HttpMethod.Get, "/api/v1/schedule?limit=0", null).ProblemAsync(400, "BadField", "limit");
    }

    [Fact]
    public async Task F7_ClockBackAnHour_IsShownInHealthAndFollowedWhenAnAdminAcceptsIt()
    {
        var time = new TestTime();
        await using var server = await RunningServer.StartAsync(time: time);
        await server.SetUpAsync();
        var clock = server.App.Services.GetRequiredService<HallClock>();
        time.Forward(TimeSpan.FromHours(-1));
        clock.Compare();
        using var admin = await server.SignInAsync();

        var health = await admin.GetFromJsonAsync<JsonElement>(new Uri(server.Address, "/health"), Cancel);
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Contains(health.GetProperty("problems").EnumerateArray(), p => p.GetString()!.StartsWith("The system clock went back by 3600 s", StringComparison.Ordinal));
        var shown = (await admin.GetFromJsonAsync<JsonElement>("schedule", Cancel)).GetProperty("clock");
        Assert.True(shown.GetProperty("needsAccepting").GetBoolean());
        Assert.Equal(-3600, shown.GetProperty("stepSeconds").GetDouble(), 1.0);

        await admin.PostAsync("clock/accept", """{"stepSeconds": 3600}""").ProblemAsync(409, "NoClockStep");
        await admin.PostAsync("clock/accept", "{}").ProblemAsync(400, "BadField", "stepSeconds");
        var accepted = await admin.PostAsync("clock/accept", """{"stepSeconds": -3600}""").JsonAsync();

        Assert.Equal((0, false), (accepted.GetProperty("stepSeconds").GetDouble(), accepted.GetProperty("needsAccepting").GetBoolean()));
        Assert.Equal(3600, accepted.GetProperty("aheadSeconds").GetDouble(), 10.0);
        await admin.PostAsync("clock/accept", """{"stepSeconds": -3600}""").ProblemAsync(409, "NoClockStep");
        await using var scope = server.App.Services.CreateAsyncScope();
        var row = Assert.Single(scope.ServiceProvider.GetRequiredService<HallOpsDb>().Audit, r => r.What == "clockAccepted");
        Assert.Equal(("admin", "done", "the system clock back by 3600 s"), (row.Who, row.Outcome, row.Detail));
    }

    private static async Task<JsonElement> PlannedAsync(RunningServer server)
    {
        using var admin = await server.SignInAsync();
        return Assert.Single((await admin.GetFromJsonAsync<JsonElement>("schedule", Cancel)).GetProperty("halls").EnumerateArray());
    }

    private static async Task WaitForAsync(ServerHost host, int halls)
    {
        // The list tells it right after it has them itself.
        var schedule = host.App.Services.GetRequiredService<PokeSchedule>();
        for (var n = 0; n < 1_000 && schedule.Read().Halls.Count < halls; n++) await Task.Delay(10, Cancel);
        Assert.Equal(halls, schedule.Read().Halls.Count);
    }
}

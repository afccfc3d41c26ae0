using HallOps.Silo.Scheduling;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Operations;

public sealed class RetentionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Person_WhoseTimePassesWhileTheServerRuns_IsForgottenByTheHourlyWork()
    {
        await using var server = await RunningServer.StartAsync();
        var people = server.App.Services.GetRequiredService<IPeople>();
        var person = await people.ExchangeAsync("phone", "13800000000", Cancel);
        // What the schedule does every hour; that it does is tested with it.
        var retention = Assert.Single(server.App.Services.GetServices<IHousekeeping>().OfType<PeopleRetention>());
        Assert.Equal("0 people forgotten", await retention.RunAsync(Cancel));

        server.Time.Forward(TimeSpan.FromDays(31));

        Assert.Equal("1 people forgotten", await retention.RunAsync(Cancel));
        Assert.Null(await people.RevealAsync(person, Cancel));
    }
}

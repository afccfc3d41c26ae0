using HallOps.Core.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Hub;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Web.Tests.Operations;

public sealed class RetentionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Person_WhoseTimePassesWhileTheServerRuns_IsForgotten()
    {
        await using var server = await RunningServer.StartAsync();
        Assert.Contains(server.App.Services.GetServices<IHostedService>(), h => h is RetentionHost);
        var people = server.App.Services.GetRequiredService<IPeople>();
        var person = await people.ExchangeAsync("phone", "13800000000", Cancel);
        var timers = new DrivenTime();
        await using var retention = new RetentionHost(() => people, timers, NullLogger<RetentionHost>.Instance);
        await retention.StartAsync(Cancel);

        server.Time.Forward(TimeSpan.FromDays(31));
        timers.Advance(RetentionHost.Every);
        await retention.StopAsync(Cancel);

        Assert.Null(await people.RevealAsync(person, Cancel));
    }

    [Fact]
    public async Task Retention_ThatFailed_IsAppliedAgainTheNextHour()
    {
        var people = new FailingOnce();
        var timers = new DrivenTime();
        await using var retention = new RetentionHost(() => people, timers, NullLogger<RetentionHost>.Instance);
        await retention.StartAsync(Cancel);

        timers.Advance(RetentionHost.Every);
        timers.Advance(RetentionHost.Every);
        await retention.StopAsync(Cancel);
        timers.Advance(RetentionHost.Every);

        Assert.Equal(2, people.Turns);
    }

    private sealed class FailingOnce : IPeople
    {
        public int Turns { get; private set; }

        public ValueTask<int> EraseDueAsync(CancellationToken cancel) => ++Turns == 1 ? throw new IOException("The disk is full.") : new(1);
        public ValueTask<PersonId> ExchangeAsync(string kind, string value, CancellationToken cancel) => throw new NotSupportedException();
        public ValueTask<string?> RevealAsync(PersonId person, CancellationToken cancel) => throw new NotSupportedException();
        public ValueTask<bool> EraseAsync(PersonId person, string who, CancellationToken cancel) => throw new NotSupportedException();
    }
}

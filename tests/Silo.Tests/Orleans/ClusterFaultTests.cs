using HallOps.Silo.Journal;
using HallOps.Silo.Orleans;
using HallOps.Silo.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Silo.Tests.Orleans;

/// <summary>F29: silos as processes of their own on one Redis, under load from a node that runs nothing.</summary>
public sealed class ClusterFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Three probes missed of a second each, the halls' reload, and a machine that others use.</summary>
    private static readonly TimeSpan ResumeWithin = TimeSpan.FromSeconds(30);

    /// <summary>A silo that stands still answers no probe and refuses none: it is given up after three time-outs, and silos short of time themselves give it longer.</summary>
    private static readonly TimeSpan GivenUpWithin = TimeSpan.FromSeconds(90);

    private static int _clusters;
    private readonly RedisJournalOptions _options = RedisRun.Apart();
    private readonly string _cluster = $"f29-{Interlocked.Increment(ref _clusters)}";
    private readonly List<SiloProcess> _silos = [];
    private OrleansHalls _web = null!;
    private ClusterLoad _load = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < 3; i++) await StartSiloAsync();
        _web = await OrleansHalls.OpenWebAsync(new OrleansOptions(RedisRun.Server.Address, _cluster) { ProbeEvery = TimeSpan.FromSeconds(1), AnswerWithin = TimeSpan.FromSeconds(5) }, NullLoggerFactory.Instance, Cancel);
        _load = await ClusterLoad.BeginAsync(_web, async () => await RedisJournal.OpenAsync(RedisRun.Server.Address, _options));
        await _load.MoreAsync(500, ResumeWithin);
    }

    public async ValueTask DisposeAsync()
    {
        if (_load is not null) await _load.DisposeAsync();
        if (_web is not null) await _web.DisposeAsync();
        foreach (var silo in _silos) silo.Dispose();
    }

    [Fact]
    public async Task F29_SiloKilledUnderLoad_CallsResumeAndNothingIsLost()
    {
        _load.Mark();
        _silos[0].Kill();
        await _load.MoreAsync(500, ResumeWithin);
        Resumed("kill -9");
        await CheckAsync();
    }

    [Fact]
    public async Task F29_SiloCutOff_ItsHallsGoOnElsewhereAndItHarmsNothingWhenItIsBack()
    {
        var cut = _silos[1];
        _load.Mark();
        cut.Pause(true);
        await _load.MoreAsync(500, GivenUpWithin);
        Resumed("cut off", GivenUpWithin);
        cut.Pause(false);
        // It finds that it was given up, and ends; its last writes are of epochs that are over.
        await cut.ExitedAsync(TimeSpan.FromSeconds(60));
        await _load.MoreAsync(500, ResumeWithin);
        await CheckAsync();
    }

    [Fact]
    public async Task F29_RollingRestart_EverySiloInTurnAndNothingIsLost()
    {
        foreach (var old in _silos.ToList())
        {
            await StartSiloAsync();
            _load.Mark();
            Assert.Equal(0, await old.StopAsync().WaitAsync(TimeSpan.FromSeconds(60), Cancel));
            await _load.MoreAsync(300, ResumeWithin);
            Resumed("restarted");
        }
        await CheckAsync();
    }

    private async Task StartSiloAsync() => _silos.Add(await SiloProcess.StartAsync(RedisRun.Server.Address, _options.Prefix, _cluster));

    private void Resumed(string what, TimeSpan? within = null)
    {
        output.WriteLine(FormattableString.Invariant($"{what}: the longest that a hall answered nobody is {_load.LongestPause.TotalSeconds:0.0} s; {_load.Done} commands done, {_load.Again} asked again"));
        Assert.InRange(_load.LongestPause, TimeSpan.Zero, within ?? ResumeWithin);
    }

    private async Task CheckAsync()
    {
        await using var journal = await RedisJournal.OpenAsync(RedisRun.Server.Address, _options);
        await _load.CheckAsync(journal);
    }
}

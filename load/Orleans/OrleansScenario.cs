using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HallOps.Core.Halls;
using HallOps.Load.Halls;
using HallOps.Load.Journal;
using HallOps.Load.Measuring;
using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Silo.Orleans;
using Microsoft.Extensions.Logging.Abstractions;

namespace HallOps.Load.Orleans;

/// <summary>The Orleans engine on a Redis that syncs every write, beside grains that write their whole state on every command, and beside bare calls. Compiled with the engine alone.</summary>
internal static class OrleansScenario
{
    private const int HallCount = 64;

    // A Monday morning in Shanghai: no run meets the end of a service day.
    public static readonly DateTimeOffset Morning = new(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(8));

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var folder = new TempFolder();
        using var server = await RedisProcess.StartAsync(folder);
        await using var journal = await RedisJournal.OpenAsync(server.Address);
        var place = new OrleansOptions(server.Address) { SiloPort = Port(), GatewayPort = Port() };
        await using var halls = await OrleansHalls.OpenSiloAsync(place, journal, new HallClock(TimeProvider.System, Morning), EngineOptions.Default, NullLoggerFactory.Instance);
        var documents = Town.Documents(HallCount);
        var slots = Town.Slots(documents).ToArray();
        Func<HallId, HallRequest, ValueTask<HallAnswer>> ours = (hall, request) => halls.SendAsync(hall, request);
        Func<HallId, HallRequest, ValueTask<HallAnswer>> whole = (hall, request) => halls.Grains.GetGrain<IWholeStateGrain>(hall.Value).SendAsync(request);
        foreach (var send in new[] { ours, whole })
        {
            foreach (var document in documents) await Done(send, document.Settings.Hall, new ConfigureHall(1, document));
            foreach (var slot in slots) await Done(send, Town.Id(slot.Hall), new OpenWindow(slot.Window, By(slot), null));
        }
        var measured = options.Quick ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(3);
        await CommandsAsync(ours, slots, options.Callers, measured / 2);
        await CommandsAsync(whole, slots, options.Callers, measured / 2);
        var (a, b) = await Pairs.MeasureAsync(options.Pairs, () => CommandsAsync(ours, slots, options.Callers, measured), () => CommandsAsync(whole, slots, options.Callers, measured));
        report.Add(new Ratio("O1", $"durable commands/s, {HallCount} halls, {options.Callers} callers, one silo, Redis with appendfsync always: journal ÷ whole state a command", Bound.Least(5),
            new("HallGrain, group commit in the journal", "commands/s", [.. a]), new("grain, WriteStateAsync on every command", "commands/s", [.. b])));
        var (c, d) = await Pairs.MeasureAsync(options.Pairs, () => CommandsAsync(ours, slots, options.Callers, measured), () => PingsAsync(halls, options.Callers, measured));
        report.Add(new Ratio("O2", "durable commands/s ÷ bare calls/s of Orleans, the same callers and as many grains", null,
            new("HallGrain, durable", "commands/s", [.. c]), new("a grain's empty method", "calls/s", [.. d])));
    }

    private static Task<double> CommandsAsync(Func<HallId, HallRequest, ValueTask<HallAnswer>> send, Slot[] slots, int callers, TimeSpan measured) => RateAsync(callers, measured, async (caller, isOver) =>
    {
        var sent = 0L;
        for (var i = caller; !isOver(); i = i + callers < slots.Length ? i + callers : caller)
        {
            var (slot, hall) = (slots[i], Town.Id(slots[i].Hall));
            await Done(send, hall, new IssueTicket(slot.Service, null, Grants.Self, null, null, TicketSource.Kiosk, null, false, null));
            await Done(send, hall, new CallNext(slot.Window, By(slot)));
            await Done(send, hall, new StartService(slot.Window, By(slot)));
            await Done(send, hall, new FinishService(slot.Window, By(slot), FinishOutcome.Done, null, 1));
            sent += 4;
        }
        return sent;
    });

    private static Task<double> PingsAsync(OrleansHalls halls, int callers, TimeSpan measured) => RateAsync(callers, measured, async (caller, isOver) =>
    {
        var grain = halls.Grains.GetGrain<IWholeStateGrain>(Town.Id(caller % HallCount).Value);
        var sent = 0L;
        for (; !isOver(); sent++) await grain.PingAsync();
        return sent;
    });

    private static async Task<double> RateAsync(int callers, TimeSpan measured, Func<int, Func<bool>, Task<long>> call)
    {
        var began = Stopwatch.GetTimestamp();
        var sent = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => call(caller, () => Stopwatch.GetElapsedTime(began) >= measured))));
        return sent.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static Clerk By(in Slot slot) => new("clerk-" + slot.Window, null, false);

    private static async ValueTask Done(Func<HallId, HallRequest, ValueTask<HallAnswer>> send, HallId hall, HallCommand command)
    {
        var answer = await send(hall, new HallRequest(command, "load"));
        if (answer.Status != AnswerStatus.Done) throw new CannotMeasureException($"{command} at {hall}: {answer.Status} {answer.Refusal}");
    }

    private static int Port()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

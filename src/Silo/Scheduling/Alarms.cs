using HallOps.Core.Halls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quartz;
using Quartz.Extensibility;

namespace HallOps.Silo.Scheduling;

/// <summary>
/// One alarm a key, kept by Quartz in memory and on the halls' clock: each rings once, at its moment or at once where that has passed. All of Quartz stands in this file.
/// </summary>
/// <param name="ring">Called at an alarm's moment with its key, up to <see cref="MaxRinging"/> at a time; must not throw.</param>
internal sealed class Alarms(HallClock clock, Func<string, CancellationToken, Task> ring, ILoggerFactory loggers) : IJobFactory, IAsyncDisposable
{
    /// <summary>Alarms that ring at the same time: midnight is that of every hall at once, and each of them reads its snapshot.</summary>
    public const int MaxRinging = 16;

    private static readonly JobKey Ringing = new("ring");

    private readonly HallTime _time = new(clock);
    private StandaloneSchedulerFactory? _factory;
    private IScheduler? _scheduler;

    public async Task StartAsync(CancellationToken cancel)
    {
        _factory = QuartzSchedulerBuilder.Create(builder =>
        {
            builder.Services.AddSingleton(loggers);
            builder.ConfigureScheduler(options => options.InstanceName = "halls").UseInMemoryStore().UseDefaultThreadPool(MaxRinging).UseTimeProvider(_time).UseJobFactory(this);
        }).Build();
        _scheduler = await _factory.GetScheduler(cancel);
        // One job for all: what differs is the trigger.
        await _scheduler.AddJob(JobBuilder.Create<Ring>().WithIdentity(Ringing).StoreDurably().Build(), new AddJobOptions(), cancel);
        await _scheduler.Start(cancel);
    }

    /// <summary>Sets an alarm, or brings one that is set forward; never puts one off, since whoever set it may know of an earlier moment. One that rings may be set again.</summary>
    /// <returns>When it rings.</returns>
    public async ValueTask<Instant> SetAsync(string key, Instant at, CancellationToken cancel)
    {
        var trigger = TriggerBuilder.Create(_time).WithIdentity(key).ForJob(Ringing).StartAt(at.ToDateTimeOffset())
            .WithSimpleSchedule(s => s.WithMisfireInstruction(SimpleTriggerMisfireInstruction.FireNow)).Build();
        var set = await _scheduler!.ScheduleTrigger(trigger, TriggerConflict.KeepEarlier, cancel);
        return Instant.From(set.NextFireTimeUtc);
    }

    ValueTask<JobScope> IJobFactory.CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken) => new(new JobScope(new Ring(ring)));

    ValueTask IJobFactory.ReturnJob(JobScope scope, CancellationToken cancellationToken) => default;

    /// <summary>Ends with the alarms that ring.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _scheduler, null) is { } scheduler) await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
        if (Interlocked.Exchange(ref _factory, null) is { } factory) await factory.DisposeAsync();
    }

    private sealed class Ring(Func<string, CancellationToken, Task> ring) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await ring(context.Trigger.Key.Name, cancellationToken);
    }
}

"""The deliberate mistakes: each a small edit that a careless programmer could make, and that changes what happens."""

from __future__ import annotations

from tests.simulation.many.mutant import Mutant

_ORDERS = (
    Mutant(
        "skip the journal",
        "engine/order_manager.py",
        "        return [Send(self._journal, RecordIntent(order, wish))]\n",
        "        return [Send(self._exchange, order)]\n",
    ),
    Mutant(
        "count a trade twice that is told twice",
        "engine/order_manager.py",
        "if order is None or fill.trade_id in order.trade_ids:",
        "if order is None:",
    ),
    Mutant(
        "tell the level of a fill before the ledger",
        "engine/order_manager.py",
        "[Send(noted_by, trade), Send(self._ledger, trade), Send(wish.owner.address, trade)]",
        "[Send(wish.owner.address, trade), Send(noted_by, trade), Send(self._ledger, trade)]",
    ),
    Mutant(
        "do not write fills down",
        "engine/order_manager.py",
        "noted_by = self._reporter if self._journal is None else self._journal",
        "noted_by = self._reporter",
    ),
    Mutant(
        "do not tell the ledger that an order has ended",
        "engine/order_manager.py",
        "[Send(self._ledger, ended), Send(owner.address, ended)]",
        "[Send(owner.address, ended)]",
    ),
    Mutant(
        "do not tell the level that its order has ended",
        "engine/order_manager.py",
        "[Send(self._ledger, ended), Send(owner.address, ended)]",
        "[Send(self._ledger, ended)]",
    ),
    Mutant(
        "do not write down that an order has ended",
        "engine/order_manager.py",
        "return told if self._journal is None else [Send(self._journal, ended), *told]",
        "return told",
    ),
    Mutant(
        "do not catch up after a gap",
        "engine/order_manager.py",
        "return self._catch_up() if self._is_recalled else []",
        "return []",
    ),
    Mutant(
        "do not look up what has vanished from the open orders",
        "engine/order_manager.py",
        "for name in self._open if name in vanished]",
        "for name in ()]",
    ),
    Mutant(
        "ignore the generation: take an answer that was for a dead order manager",
        "engine/order_manager.py",
        "        if not self._is_recalled:\n            return []  # the answer to somebody who is no more\n",
        "",
    ),
    Mutant(
        "forget one order when all are to go",
        "engine/order_manager.py",
        "[Send(self._gate, CancelOrder(name)) for name in self._open]",
        "[Send(self._gate, CancelOrder(name)) for name in list(self._open)[1:]]",
    ),
    Mutant(
        "forget a stop that comes during recovery",
        "engine/order_manager.py",
        "self._is_cancelling = True  # what there is will be known later",
        "pass",
    ),
    Mutant(
        "end an order before its last trades are told",
        "engine/orders.py",
        "return self.is_final and not self.lacks_trades",
        "return self.is_final",
    ),
    Mutant(
        "use a client order id again",
        "engine/orders.py",
        "{'b' if side is Side.BUY else 's'}{attempt}",
        "{'b' if side is Side.BUY else 's'}0",
    ),
)

_MONEY = (
    Mutant(
        "forget to release the funds of an order that ended",
        "engine/balance_tracker.py",
        "        self._ledger.release(ended.owner.slot, ended.side)\n",
        "",
    ),
    Mutant(
        "fund wishes after the stop",
        "engine/balance_tracker.py",
        "if self._halted or not self._is_news(wish):",
        "if not self._is_news(wish):",
    ),
    Mutant(
        "leave wishes waiting at the stop",
        "engine/balance_tracker.py",
        "        self._waiting = WaitingWishes(self._market)\n        self._told_to_wait.clear()\n",
        "",
    ),
    Mutant(
        "drop the check of the market's minimums",
        "engine/balance_tracker.py",
        "return self._market.accepts(wish.price, wish.quantity)",
        "return True",
    ),
    Mutant(
        "forget whose answer is owed",
        "engine/balance_tracker.py",
        "            self._owed.add((trade.owner.slot, trade.trade_id))\n",
        "            pass\n",
    ),
    Mutant(
        "overlook in the ledger fees that are taken in base",
        "engine/balances.py",
        "            base_fee = trade.fee\n",
        "            base_fee = ZERO\n",
    ),
    Mutant(
        "keep reserved what a part has spent",
        "engine/balances.py",
        "kept = max(reservation.amount - spent, ZERO)",
        "kept = reservation.amount",
    ),
    Mutant(
        "do not tell that the account differs",
        "engine/reconciler.py",
        "return [] if self._journal is None else [Send(self._journal, differed)]",
        "return []",
    ),
)

_LEVELS = (
    Mutant(
        "answer every part of a fill",
        "engine/grid_level.py",
        "return self._answer(half, trade.trade_id) if trade.complete else []",
        "return self._answer(half, trade.trade_id)",
    ),
    Mutant(
        "answer a fill twice",
        "engine/grid_level.py",
        "filled, half.filled = half.filled, ZERO",
        "filled = half.filled",
    ),
    Mutant(
        "sell what the fee has taken",
        "engine/grid_level.py",
        "half.filled += trade.quantity - trade.fee if buys and trade.fee_asset == self._base else trade.quantity",
        "half.filled += trade.quantity",
    ),
    Mutant(
        "forget what was carried",
        "engine/grid_level.py",
        "        amount += half.carried\n",
        "",
    ),
    Mutant(
        "forget the rest of an order that ended",
        "engine/grid_level.py",
        "half.carried += half.quantity - ended.filled",
        "half.carried += ZERO",
    ),
    Mutant(
        "wish a second order while one stands",
        "engine/grid_level.py",
        "        if half.is_taken:\n            half.carried = amount\n",
        "        if half.is_taken and half.trouble:\n            half.carried = amount\n",
    ),
    Mutant(
        "give two wishes one number",
        "engine/grid_level.py",
        "half.attempt = half.attempt + 1 if half.cycle == self._cycle else 0",
        "half.attempt = 0",
    ),
    Mutant(
        "do not repeat a wish that was on its way",
        "engine/grid_level.py",
        "            if half.is_wished\n",
        "            if half.is_wished and half.waits\n",
    ),
    Mutant(
        "sell at the low price after a restart",
        "engine/grid_level.py",
        "Half.of(Side.SELL, self._plan.high, row.selling)",
        "Half.of(Side.SELL, self._plan.low, row.selling)",
    ),
)

_GRID = (
    Mutant(
        "arm the levels before the ledger expects them",
        "engine/grid_manager.py",
        "            Send(addresses.balance_tracker, ExpectWishes(owners, self._last_price, answers)),\n"
        "            *(Send(addresses.level(owner.slot), ArmLevel(rows.get(owner.slot))) for owner in owners),\n",
        "            *(Send(addresses.level(owner.slot), ArmLevel(rows.get(owner.slot))) for owner in owners),\n"
        "            Send(addresses.balance_tracker, ExpectWishes(owners, self._last_price, answers)),\n",
    ),
    Mutant(
        "forget at a restart which answers are owed",
        "engine/grid_manager.py",
        "ExpectWishes(owners, self._last_price, answers)",
        "ExpectWishes(owners, self._last_price, ())",
    ),
    Mutant(
        "make the first purchase again after a restart",
        "engine/grid_manager.py",
        "self._to_purchase = grid.plan.purchase - grid.purchased",
        "self._to_purchase = grid.plan.purchase",
    ),
    Mutant(
        "go on with a liquidation without a sale",
        "engine/grid_manager.py",
        "return self._stop(grid.liquidation, grid.liquidation_price)",
        "return self._stop(grid.liquidation, None)",
    ),
    Mutant(
        "let a stop end with the process",
        "engine/grid_manager.py",
        'self._rest.keep(f"stopped by {wish.reason}") if wish.lasts and self._stop_reason is None else []',
        "[]",
    ),
    Mutant(
        "do not write a pause down",
        "engine/grid_rest.py",
        "effects = [*self._note(PauseBegun(self._addresses.grid, wish.reason, wish.until)), "
        "*self._remind(wish.seconds)]",
        "effects = [*self._remind(wish.seconds)]",
    ),
    Mutant(
        "let an older timer end a newer pause",
        "engine/grid_rest.py",
        'return self._go_on("its time was over") if wish.ticket == self._pauses else []',
        'return self._go_on("its time was over")',
    ),
    Mutant(
        "forget when a pause is to end",
        "engine/grid_rest.py",
        "return [] if seconds is None else [After(seconds, PauseOver(self._pauses))]",
        "return []",
    ),
    Mutant(
        "mix up take-profit and stop-loss",
        "engine/risk.py",
        "WatchPrices(self._stop_loss, self._take_profit) if",
        "WatchPrices(self._take_profit, self._stop_loss) if",
    ),
    Mutant(
        "do not watch thresholds again after a restart of the feed",
        "engine/risk.py",
        "return self._watch() if self._holds else []",
        "return []",
    ),
)

_JOURNAL = (
    Mutant(
        "commit after sending",
        "engine/journal/journal.py",
        "        self._held.append(behind_it)\n"
        "        if self._is_due:\n"
        "            return []\n"
        "        self._is_due = True\n"
        "        return [Send(self._own_address, CommitDue())]\n",
        "        if self._is_due:\n"
        "            return [behind_it]\n"
        "        self._is_due = True\n"
        "        return [behind_it, Send(self._own_address, CommitDue())]\n",
    ),
    Mutant(
        "let entries past a disk that fails",
        "engine/journal/exits.py",
        "if _is_entry(message) or is_about_one_held or isinstance(message, _RELIED_ON):",
        "if is_about_one_held or isinstance(message, _RELIED_ON):",
    ),
    Mutant(
        "tell the owner what is not written yet",
        "engine/journal/journal.py",
        "return self._note(fact, Send(self._addresses.reporter, fact))",
        "return [*self._note(fact), Send(self._addresses.reporter, fact)]",
    ),
    Mutant(
        "tell the owner twice of a trade",
        "engine/journal/journal.py",
        "return [*self._tell(), Send(self._addresses.reporter, history)]",
        "return [Send(self._addresses.reporter, history), *self._tell()]",
    ),
    Mutant(
        "do not try again to write",
        "engine/journal/journal.py",
        "return [*exits, After(pause, CommitDue(is_retry=True))]",
        "return exits",
    ),
    Mutant(
        "drop what could not be written",
        "engine/journal/journal.py",
        "            self._store.write(batch)\n            del self._unwritten[0]\n",
        "            del self._unwritten[0]\n            self._store.write(batch)\n",
    ),
    Mutant(
        "do not write fills to their level",
        "engine/journal/memory.py",
        "        self._level_of(row.slot, lambda level: level.handle(trade))\n",
        "",
    ),
    Mutant(
        "reserve again after a restart what a part has spent",
        "engine/journal/memory.py",
        "reserved=self._ledger.reserved_by(row.slot, row.side)",
        "reserved=row.reserved",
    ),
    Mutant(
        "do not write down that a liquidation has begun",
        "engine/journal/memory.py",
        "self._evolve(liquidation=event.reason, liquidation_price=event.price)",
        "self._evolve(liquidation_price=event.price)",
    ),
    Mutant(
        "do not write down that a pause is over",
        "engine/journal/memory.py",
        "self._evolve(pause_reason=None, paused_until=None)",
        "self._evolve(paused_until=None)",
    ),
    Mutant(
        "book trades again after a restart",
        "engine/journal/orders.py",
        "        order.trade_ids.append(trade.trade_id)\n",
        "",
    ),
    Mutant(
        "forget at a restart what an order has filled",
        "engine/journal/orders.py",
        "        order.filled += trade.quantity\n",
        "",
    ),
)

_GATEWAY = (
    Mutant(
        "send again after a timeout",
        "engine/gateway/order_pursuit.py",
        "            case NotYet():\n                self._standing, self._in_doubt = Standing.UNSENT, False\n",
        "            case _ if not isinstance(outcome, Refused):\n"
        "                self._standing, self._in_doubt = Standing.UNSENT, False\n",
    ),
    Mutant(
        "give an order up for lost that is not found once",
        "engine/gateway/order_pursuit.py",
        "return self._lost() if self._not_found > 1 else Step(wait=self._rules.answer_window)",
        "return self._lost()",
    ),
    Mutant(
        "do not wait between two looks for an order",
        "engine/gateway/order_pursuit.py",
        "else Step(wait=self._rules.answer_window)",
        "else Step()",
    ),
    Mutant(
        "cancel once only",
        "engine/gateway/order_pursuit.py",
        "            self._in_doubt = True\n            self._not_cancelled += 1\n",
        "            self._cancelling = False\n",
    ),
    Mutant(
        "rank exits behind entries",
        "engine/gateway/order_pursuit.py",
        "            return Rank.EXIT\n",
        "            return Rank.CATCH_UP\n",
    ),
    Mutant(
        "take a call for not made whose caller crashed",
        "engine/gateway/gateway.py",
        '_CALLER_ENDED = Unknown("the caller ended before its call did")',
        '_CALLER_ENDED = NotYet(0.0, "the caller ended before its call did")',
    ),
    Mutant(
        "take the orders of others for the grid's own",
        "engine/gateway/known_orders.py",
        "own = [report for report in reports if report.client_order_id.startswith(self._tag)]",
        "own = list(reports)",
    ),
    Mutant(
        "keep the breaker half open",
        "engine/gateway/breaker.py",
        "        self.state = BreakerState.CLOSED\n        self._failures = 0\n",
        "        self._failures = 0\n",
    ),
    Mutant(
        "place orders faster than the exchange allows",
        "engine/gateway/admission.py",
        "return self._breaker.admits and (rank is not Rank.ENTRY or self._pace.has_room)",
        "return self._breaker.admits",
    ),
    Mutant(
        "call an exchange that wants to be left alone",
        "engine/gateway/admission.py",
        "        if self.paused:\n            return False\n",
        "",
    ),
)

_FEEDS_AND_SUPERVISORS = (
    Mutant(
        "do not connect again after a failed attempt",
        "engine/feeds/connection.py",
        "return [self._timers.set(Purpose.RETRY, self._patience.delay(self._failures, self._random01()))]",
        "return []",
    ),
    Mutant(
        "restart only the one of the core that failed",
        "engine/supervision.py",
        "            case Strategy.ONE_FOR_ALL:\n                return children\n",
        "            case Strategy.ONE_FOR_ALL:\n                return [failed]\n",
    ),
    Mutant(
        "do not restart those who depend on one that failed",
        "engine/supervision.py",
        "return children[children.index(failed) :]",
        "return [failed]",
    ),
    Mutant(
        "start a successor before the old one has ended",
        "actors/supervisor.py",
        "        if not life.join(timeout):\n",
        "        if timeout < 0:\n",
    ),
    Mutant(
        "do not ask a ledger again that does not answer",
        "engine/reconciler.py",
        "self._ask(), self._again_in(_ANSWERED_WITHIN)]",
        "self._ask()]",
    ),
    Mutant(
        "take an order that a full disk holds back for a lost one",
        "engine/journal/exits.py",
        "exits.append(_without(unsent, send))",
        "exits.append(send)",
    ),
    Mutant(
        "look for what a journal lacks only behind an order that it knows",
        "actors/trading/recovering.py",
        "asked.orders(store.newest_order_id())]",
        "asked.orders(store.newest_order_id() or '999999')]",
    ),
)

MUTANTS = (*_ORDERS, *_MONEY, *_LEVELS, *_GRID, *_JOURNAL, *_GATEWAY, *_FEEDS_AND_SUPERVISORS)
